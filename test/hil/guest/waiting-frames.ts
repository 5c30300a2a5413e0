// How much of what the telephone says waits to be played: in the pipe to aplay and in the kernel. A late moment leaves
// more behind than there was before, for good: as a delay of the bench's own that is none of the box's.

/** What waits is looked at once in so many frames, and judged by the least of so many looks. */
const lookEvery = 10
const looks = 10
/** Fewer above what should wait are not worth a gap. */
const slack = 2

export class WaitingFrames {
  readonly #wanted: number
  #given = 0
  #frames = 0
  #least = Number.POSITIVE_INFINITY
  #spare = 0
  /** Frames that were not to be played. */
  dropped = 0

  /** `wanted`: frames that wait when playback begins, and always should. */
  constructor(wanted: number) {
    this.#wanted = wanted
  }

  /** Playback begins anew. */
  begin(): void {
    this.#given = this.#wanted
    this.#frames = 0
    this.#least = Number.POSITIVE_INFINITY
    this.#spare = 0
  }

  /** One more was given to be played. */
  add(): void {
    this.#given++
  }

  /** Asked before each frame: this one is not to be played. `played`: frames since playback began, undefined when not known. */
  areTooMany(played: () => number | undefined): boolean {
    if (++this.#frames % lookEvery === 0) this.#look(played())
    if (this.#frames === looks * lookEvery) this.#judge()
    if (this.#spare === 0) return false
    this.#spare--
    this.dropped++
    return true
  }

  #look(played: number | undefined): void {
    if (played !== undefined) this.#least = Math.min(this.#least, this.#given - played)
  }

  #judge(): void {
    const more = this.#least - this.#wanted
    if (Number.isFinite(more) && more > slack) this.#spare = Math.floor(more)
    this.#frames = 0
    this.#least = Number.POSITIVE_INFINITY
  }
}
