// What the audio half is told when settings change, in virtual time: tones at once, the address when the network is there, and
// never again what counted before.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createAudioSettings } from '../../board/audio-settings.js'
import { retryMs } from '../../board/keep-trying.js'
import type { MediaConfig } from '../../firmware/media/media-contract.js'
import type { Settings } from '../../firmware/settings/load-settings.js'
import { HalError } from '../../hal/errors.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { loaderOf } from '../settings/desk-rig.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-audio-'))
t.teardown(() => rmSync(folder, { recursive: true }))

/** Settings that can be told by the DSCP of their packets. */
const settingsOf = (dscp: number, proxy: string): Settings => {
  const file = join(folder, `${dscp}.toml`)
  const account = `user = "1"\ndomain = "operator.test"\npassword = "x"\nproxies = ["sip:${proxy}"]`
  writeFileSync(
    file,
    `board = "sim"\nprofile = "fr"\n[[line]]\nid = "tel1"\n[line.account]\n${account}\n[media]\ndscp = ${dscp}\nlisten = "0.0.0.0"\n`,
  )
  const loaded = loaderOf(file)(new Map())
  if ('errors' in loaded) throw new Error(loaded.errors.map(({ message }) => message).join('\n'))
  return loaded.settings
}

const play = (settings: Settings) => {
  const clock = new VirtualClock()
  const told: string[] = []
  const logged: string[] = []
  const routes = { up: true }
  const network = new MemoryNetwork({
    clock,
    route: ({ address }) => (routes.up ? address.replace('192.0.2.', '10.0.0.') : undefined),
  })
  const answers: ((addresses: readonly string[]) => void)[] = []
  network.resolveHost = name =>
    /^[\d.]+$/.test(name)
      ? Promise.resolve([name])
      : new Promise((resolve, reject) => {
          answers.push(found =>
            found.length > 0 ? resolve(found) : reject(new HalError('unreachable', 'no name server')),
          )
        })
  const note = (message: string) => void logged.push(message)
  const audio = createAudioSettings({
    settings,
    network,
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    configure: ({ address, dscp }: MediaConfig) => void told.push(`${dscp} at ${address}`),
  })
  return { clock, told, logged, routes, answers, audio }
}

t.test('a network that comes late brings the address, and the settings that count by then', async t => {
  const { clock, told, logged, routes, audio } = play(settingsOf(10, '192.0.2.1'))
  t.same(told, ['10 at 127.0.0.1'], 'keys and tones at once')
  routes.up = false
  await clock.settle()
  await audio.begun
  audio.use(settingsOf(20, '192.0.2.2'))
  t.equal(told.at(-1), '20 at 127.0.0.1')
  await clock.advance(retryMs)
  routes.up = true
  await clock.advance(retryMs)
  t.same(told.slice(2), ['20 at 10.0.0.2'])
  await clock.advance(10 * retryMs)
  t.equal(told.length, 3)
  t.match(logged, ['audio waits for the network'])
  t.same(clock.pending(), [])
})

t.test('a network that is away while settings change is waited for, with the last address', async t => {
  const { clock, told, routes, audio } = play(settingsOf(10, '192.0.2.1'))
  await audio.begun
  t.same(told, ['10 at 127.0.0.1', '10 at 10.0.0.1'])
  routes.up = false
  audio.use(settingsOf(20, '192.0.2.2'))
  t.equal(told.at(-1), '20 at 10.0.0.1', 'before anybody asks the network')
  await clock.advance(1)
  routes.up = true
  await clock.advance(retryMs)
  t.same(told.slice(3), ['20 at 10.0.0.2'])
  audio.close()
  t.same(clock.pending(), [])
})

t.test('a name server that answers late brings no settings back', async t => {
  const { clock, told, answers, audio } = play(settingsOf(10, 'slow.test'))
  await clock.advance(500)
  await audio.begun
  audio.use(settingsOf(20, '192.0.2.2'))
  await clock.settle()
  t.same(told, ['10 at 127.0.0.1', '20 at 127.0.0.1', '20 at 10.0.0.2'])
  for (const answer of answers) answer(['192.0.2.9'])
  await clock.advance(retryMs)
  t.equal(told.length, 3)
  audio.close()
  t.same(clock.pending(), [])
})
