// A target in virtual time: the whole house with the bench channel's server before it, and whatever a test wants to go
// wrong on the way. Twenty scenarios take seconds and are the same every time.

import { createBenchServer } from '../../hal/sim/bench-server.js'
import { echo } from '../operator/applications/numbers-to-try.js'
import { openVirtualHouse, type VirtualHouse } from '../support/virtual-house.js'
import { BenchClient } from './bench-client.js'
import { messageLog } from './message-log.js'
import type { NetworkMessage, Target } from './target.js'

export type ChannelMessage = Readonly<Record<string, unknown>>
/** What becomes of a line of the channel on its way to the bench; undefined: it is lost. */
export type Spoil = (message: ChannelMessage) => ChannelMessage | undefined
/** What becomes of a request on its way to the telephone. */
export type SpoilRequest = (request: ChannelMessage) => ChannelMessage

export interface VirtualTarget {
  readonly target: Target
  readonly house: VirtualHouse
  spoil: Spoil
  spoilRequest: SpoilRequest
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>
  close(): Promise<void>
}

const boxAddress = '127.0.0.5'

/** `folder`: where WAV files may be kept; without it the target has none. */
export const openVirtualTarget = async (folder?: string): Promise<VirtualTarget> => {
  let clock: VirtualHouse['clock'] | undefined
  const { messages, onMessage } = messageLog({ now: () => clock!.now() }, address => address === boxAddress)
  const house = await openVirtualHouse({
    far: [{}, {}],
    operator: {
      services: { '3100': echo },
      onMessage: (...message) => {
        if (clock) onMessage(...message)
      },
    },
  })
  clock = house.clock
  const handsets = house.telephones.map(({ handset }) => handset)
  const server = createBenchServer({ handsets, clock })
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let done = false
    const mark = () => {
      done = true
    }
    work.then(mark, mark)
    while (!done) await house.advance(20)
    return work
  }
  const made: VirtualTarget = {
    house,
    spoil: message => message,
    spoilRequest: request => request,
    run,
    target: undefined as unknown as Target,
    close: async () => {
      await server.close()
      await house.close()
    },
  }
  const client = await run(openClient(server, made))
  return Object.assign(made, { target: targetOf(house, client, messages, folder) })
}

const openClient = (
  server: ReturnType<typeof createBenchServer>,
  made: VirtualTarget,
): Promise<BenchClient> =>
  BenchClient.over(async sink => {
    const served = server.accept({
      name: 'memory',
      write: bytes => {
        const passed = made.spoil(JSON.parse(Buffer.from(bytes).toString()) as ChannelMessage)
        if (passed) queueMicrotask(() => sink.onText(`${JSON.stringify(passed)}\n`))
        return true
      },
      close: async () => {},
    })
    return {
      name: 'memory',
      write: text => {
        const request = made.spoilRequest(JSON.parse(text) as ChannelMessage)
        served.onBytes(Buffer.from(`${JSON.stringify(request)}\n`))
      },
      close: async () => served.onClose(),
    }
  }, made.house.clock)

const targetOf = (
  house: VirtualHouse,
  client: BenchClient,
  messages: readonly NetworkMessage[],
  folder: string | undefined,
): Target => ({
  name: 'virtual',
  client,
  clock: house.clock,
  lines: house.telephones.map(({ line, number }) => ({ id: line, number })),
  far: house.far,
  messages,
  folder: folder === undefined ? undefined : { here: folder, there: folder },
  numbers: { echo: '3100', callBack: '3104', nobody: '0399999999' },
  scale: 1,
  lacks: () => undefined,
  close: async () => {},
})
