// Keeps the box alive: the daemon says it is ready, then feeds; a watchdog that is not fed restarts the box or the daemon.

export interface Watchdog {
  ready(): void
  /** Feed at least every `intervalMs`; absent when no watchdog is armed. */
  readonly intervalMs?: number
  /** Never throws: what could not be told is told with the next word. */
  feed(): void
  /** What a person who asks about the service reads: one line. Absent where nobody can ask. */
  status?(text: string): void
  /** A clean end has begun: not being fed from here on is no fault. */
  stopping(): void
}
