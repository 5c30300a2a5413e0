// The audio half in its own thread, on kernel sockets: commands reach it, audio and events come back, it ends cleanly.

import { createSocket } from 'node:dgram'
import t from 'tap'
import { startMediaWorker } from '../../board/media-link.js'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import type { FxsEvent } from '../../hal/fxs-port.js'

const profile = { impedances: ['600'], loopMa: 22, ringHz: 50, ringVrms: 60 }

t.test('a call through the audio thread', async t => {
  const logged: string[] = []
  const note = (message: string) => logged.push(message)
  const link = await startMediaWorker({
    board: { kind: 'sim', lines: ['tel1', 'tel2'] },
    config: {
      address: '127.0.0.31',
      ports: [16500, 16539],
      dscp: 46,
      tones: { dial: { cadence: [{ hz: [440] }], dbm0: -10 } },
      rings: { normal: [1500, 3500] },
    },
    log: { debug: note, info: note, warn: note, error: note },
  })
  const events: MediaEvent[] = []
  const waiting: (() => void)[] = []
  link.onEvent(event => {
    events.push(event)
    for (const check of waiting.splice(0)) check()
  })
  const until = async <T extends MediaEvent>(found: (event: MediaEvent) => event is T): Promise<T> => {
    for (;;) {
      const event = events.find(found)
      if (event !== undefined) return event
      await new Promise<void>(resolve => waiting.push(resolve))
    }
  }
  const is =
    <T extends MediaEvent['type']>(type: T) =>
    (event: MediaEvent): event is Extract<MediaEvent, { type: T }> =>
      event.type === type

  const far = createSocket('udp4')
  await new Promise<void>(resolve => far.bind(0, '127.0.0.32', resolve))
  let packets = 0
  const enough = new Promise<void>(resolve =>
    far.on('message', data => {
      if (data.length === 172 && ++packets === 10) resolve()
    }),
  )
  link.command({ do: 'wake', line: 'tel1' })
  link.command({ do: 'open', stream: 'a' })
  const { local } = await until(is('opened'))
  t.equal(local.address, '127.0.0.31')
  const to = {
    remote: { address: '127.0.0.32', port: far.address().port },
    codec: 'PCMA',
    payloadType: 8,
    eventPayloadType: 101,
    ptime: 20,
    direction: 'sendrecv',
  } as const
  link.command({ do: 'connect', stream: 'a', to })
  link.command({ do: 'talk', line: 'tel1', streams: ['a'] })
  await enough
  const packet = new Uint8Array(172).fill(0xd5)
  packet[0] = 0x80
  packet[1] = 8
  far.send(packet, local.port, local.address)
  const started = await until(is('rtp-started'))
  t.equal(started.from.port, to.remote.port)

  // The telephone and its line circuit are reached through the thread border too.
  const hook: FxsEvent[] = []
  const fxs = link.control.fxs('tel1')
  await fxs.open(profile, event => hook.push(event))
  link.command({ do: 'digits', line: 'tel1', mode: 'dialling' })
  t.match(await link.control.handset('tel1').perform({ do: 'offhook' }), { ok: true })
  await fxs.setLinefeed('active')
  t.match(await link.control.handset('tel1').perform({ do: 'dtmf', digits: '7' }), { ok: true })
  const digit = await until(is('digit-start'))
  t.equal(digit.digit, '7')
  t.ok(hook.some(event => event.type === 'hook' && event.offHook))

  link.command({ do: 'ring', line: 'tel2', id: 1, cadence: 'normal' })
  t.match(await until(is('ring-burst')), { line: 'tel2', on: true })
  link.command({ do: 'statistics', id: 9 })
  const figures = await until(is('statistics'))
  t.ok((figures.streams[0]?.sentPackets ?? 0) >= 10)
  t.equal(figures.streams[0]?.receivedPackets, 1)
  await link.close()
  await link.close()
  far.close()
  t.match(logged.join('\n'), /real-time priority/)
})

t.test('a board that cannot be is refused in one clear error', async t => {
  await t.rejects(startMediaWorker({ board: { kind: 'sim', lines: ['tel1', 'tel1'] } }), {
    kind: 'invalid',
    message: /^line tel1 given twice$/,
  })
})
