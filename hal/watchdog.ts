// Keeps the box alive: the daemon says it is ready, then feeds; a watchdog that is not fed restarts the box or the daemon.

export interface Watchdog {
  ready(): void
  /** Feed at least every `intervalMs`; absent when no watchdog is armed. */
  readonly intervalMs?: number
  feed(): void
  stopping(): void
}
