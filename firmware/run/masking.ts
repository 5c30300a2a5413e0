// Whether the number of one line is withheld for good, and who decides it (settings masking.owner):
//   box      the store; the network is told, so that a reset there (guide lines 163-171) can be seen and obeyed
//   both     whoever changed it last; written to the network before it is stored and confirmed
//   network  codes go out as dialled, the box adds nothing
// What cannot be known or done keeps the number withheld: it counts as such until the store has been read, a change
// counts only after its commit, and nothing but an authenticated reading of the network's settings changes it from there.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Log } from '../log.js'
import type { PhoneEvent } from '../phone/event.js'
import type { Author, LineSettings, Store } from '../settings/store.js'
import type { Restriction, SimservsClient } from '../xcap/simservs-client.js'
import { afterReading } from './masking-verdict.js'

export type MaskingOwner = 'box' | 'network' | 'both'

/** Of the store, what a telephone needs. */
export type LineStore = Pick<Store, 'line' | 'setLine'>

export interface MaskingSettings {
  readonly owner: MaskingOwner
  /** The network's settings; absent: it keeps none, or cannot be asked. */
  readonly network?: Pick<SimservsClient, 'read' | 'write'>
}

export interface LineMasking {
  /** Reads the store and tells the machine. */
  start(): void
  /** Of a changed configuration. */
  configure(settings: MaskingSettings): void
  /** The subscriber's wish. Resolves when it is done; rejects when it is not, and then the number is treated as before. */
  set(masked: boolean): Promise<void>
  /** Reads the network's settings: at registration, and at a hint that they have changed. */
  refresh(): void
  close(): void
}

export interface LineMaskingOptions extends MaskingSettings {
  readonly line: string
  /** Resolves once it is open; with undefined when it cannot be. */
  readonly store: Promise<LineStore | undefined>
  readonly clock: Clock
  readonly log: Log
  readonly post: (event: PhoneEvent) => void
}

/** A network that cannot be read is asked again after so long, doubled each time, ms. */
const firstRetryMs = 30_000
const longestRetryMs = 3_600_000
/** Somebody else may change the document between reading and writing it; so often it is tried. */
const attempts = 3

export const createLineMasking = (options: LineMaskingOptions): LineMasking => {
  const { line, clock, log, post } = options
  let { owner, network } = options
  let store: LineStore | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let waitingToRead = false
  let retry: Timer | undefined
  let retryMs = firstRetryMs
  /** The network withholds the number and that could not be stored. */
  let withheldUnstored = false

  const tell = (): void => {
    if (owner === 'network') post({ type: 'masking', masked: false })
    else post({ type: 'masking', masked: !store || withheldUnstored || store.line(line).masking })
  }
  const commit = async (to: LineStore, change: Partial<LineSettings>, author: Author): Promise<void> => {
    await to.setLine(line, change, author)
    withheldUnstored = false
    tell()
  }
  /** Reading and writing the network go one after the other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  const write = async (
    to: NonNullable<MaskingSettings['network']>,
    masked: boolean,
    etag?: string,
  ): Promise<Restriction> => {
    let known = etag
    for (let left = attempts; left > 0; left--) {
      const written = await to.write(masked, known ?? (await to.read()).etag)
      if (written) return written
      known = undefined
    }
    throw new Error('the document changes faster than it can be written')
  }

  const reconcile = async (): Promise<void> => {
    if (!network || !store || owner === 'network') return
    const now = await network.read()
    const { masking, simservs } = store.line(line)
    const masked = afterReading({ owner, masking, known: simservs, restricted: now.restricted })
    if (withheldUnstored !== (masked && !masking)) {
      withheldUnstored = !withheldUnstored
      tell()
    }
    const told = masked === now.restricted || !mustBeTold(owner, masked, simservs?.owed ?? false)
    const record = told ? now : await write(network, masked, now.etag)
    const simservsNow = { etag: record.etag, restricted: record.restricted, owed: false }
    const change: Partial<LineSettings> = {
      ...(masked !== masking && { masking: masked }),
      ...(JSON.stringify(simservsNow) !== JSON.stringify(simservs) && { simservs: simservsNow }),
    }
    if (Object.keys(change).length > 0) await commit(store, change, 'network')
    if (masked !== masking) log.info('masking changed by the network', { line, masked })
  }

  const refresh = (): void => {
    retryMs = firstRetryMs
    readSoon()
  }
  const readSoon = (): void => {
    if (!network || owner === 'network' || waitingToRead) return
    waitingToRead = true
    void inTurn(async () => {
      waitingToRead = false
      // Also the one that the reading before this has just begun to wait for.
      retry?.cancel()
      await options.store
      await reconcile()
    }).catch((error: Error) => {
      if (!network) return
      log.warn('service settings of the network not read', { line, reason: error.message, retryMs })
      retry = clock.timer(`${line}:settings`, ms(retryMs), readSoon)
      retryMs = Math.min(2 * retryMs, longestRetryMs)
    })
  }

  const setByBox = async (to: LineStore, masked: boolean): Promise<void> => {
    const { simservs } = to.line(line)
    const owed = { etag: simservs?.etag ?? '', restricted: simservs?.restricted ?? false, owed: true }
    await commit(to, { masking: masked, ...(network && { simservs: owed }) }, 'handset')
    refresh()
  }
  const setByBoth = async (to: LineStore, masked: boolean): Promise<void> => {
    if (!network) throw new Error('no way to the settings of the network (xcap)')
    const { etag, restricted } = await write(network, masked, to.line(line).simservs?.etag)
    await commit(to, { masking: masked, simservs: { etag, restricted, owed: false } }, 'handset')
  }

  return {
    start: () => {
      tell()
      options.store.then(opened => {
        store = opened
        if (!opened && owner !== 'network')
          log.warn('the number is withheld: it is not known whether it was', { line })
        tell()
      })
    },
    configure: next => {
      if (next.owner === owner && next.network === network) return
      owner = next.owner
      network = next.network
      tell()
      refresh()
    },
    set: async masked => {
      const opened = await options.store
      if (!opened) throw new Error('there is no store')
      // The box's own decision waits for no network.
      if (owner === 'both') await inTurn(() => setByBoth(opened, masked))
      else await setByBox(opened, masked)
    },
    refresh,
    close: () => {
      retry?.cancel()
      network = undefined
    },
  }
}

/** The network's value is overwritten only by what the subscriber wants of this box, never to show a number it withholds. */
const mustBeTold = (owner: MaskingOwner, masked: boolean, owed: boolean): boolean =>
  owner === 'both' || masked || owed
