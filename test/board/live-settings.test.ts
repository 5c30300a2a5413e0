// Settings of a technician that do not count although they are set: what came too late for the start, and what a line circuit
// takes at the start only, is said in the log.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createRingNotice, openSettingsDesk, settingsAtStart } from '../../board/live-settings.js'
import type { Settings } from '../../firmware/settings/load-settings.js'
import type { Store } from '../../firmware/settings/store.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { configText, fakeStore, loaderOf } from '../settings/desk-rig.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-live-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const load = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, `${text}[store]\npath = "${join(folder, 'voiceport.db')}"\n`)
  const loader = loaderOf(file)
  const read = loader(new Map())
  if ('errors' in read) throw new Error(read.errors.map(({ message }) => message).join('\n'))
  return { loader, settings: read.settings }
}
const noted = () => {
  const lines: string[] = []
  const note = (message: string, fields: object = {}) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, log: { debug: note, info: note, warn: note, error: note } }
}

t.test('a store that opens too late: what counts from the start on only is named', async t => {
  const clock = new VirtualClock()
  const { lines, log } = noted()
  const { loader, settings } = load('late.toml', configText)
  const store = fakeStore()
  await store.setOverrides(
    new Map<string, number | boolean>([
      ['sip.dscp', 10],
      ['line.tel1.callWaiting', false],
    ]),
    'console',
  )
  let open = (_: Store): void => {}
  const opening = new Promise<Store>(resolve => {
    open = resolve
  })
  const starting = settingsAtStart(settings, opening, { clock, log, load: loader })
  await clock.advance(500)
  const atStart = await starting
  t.equal(atStart.late, true)
  const applied: Settings[] = []
  const desk = openSettingsDesk({
    ...{ ...atStart, clock, log, load: loader, store: opening, entropy: new SeededEntropy(1) },
    apply: next => void applied.push(next),
  })
  open(store as unknown as Store)
  await clock.advance(10)
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, false)
  const said = lines.filter(line => line.includes('after a restart'))
  t.equal(said.length, 1)
  t.match(said[0], /"keys":"sip\.dscp"/)
  desk.close()
})

t.test('another country: what its line circuits take at the start only is told, once', async t => {
  const { lines, log } = noted()
  const french = load('fr.toml', configText).settings.profile
  const german = load('de.toml', configText.replace('"fr"', '"de"')).settings.profile
  const notice = createRingNotice(french, log)
  notice(french)
  t.same(lines, [])
  notice(german)
  notice(german)
  t.equal(lines.length, 1)
  t.match(lines[0], /impedances of the profile count after a restart/)
})
