// The sessions of the technician's guide (docs/technician.md): every command, and the ten incidents of the field, at a real
// terminal program on a real serial port, in both languages, compared with golden/*.txt. The box at the other end is the whole
// firmware in virtual time. After a wanted change: VOICEPORT_GOLDEN=write node dist/test/console/golden-technician.test.js,
// then node dist/scripts/technician-guide.js

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { incidents } from '../diagnosis/field-incidents.js'
import type { VirtualTelephone } from '../support/virtual-house.js'
import { layCable, type SerialCable } from './serial-cable.js'
import { openTechnicianHouse, type TechnicianHouse } from './technician-house.js'
import { type Scene, type Step, scenes, secrets } from './technician-scenes.js'
import { enableSecret, viewSecret } from './terminal.js'
import { missingPrograms, startTmuxTerminal } from './tmux-terminal.js'

t.setTimeout(240_000)
const folder = fileURLToPath(new URL('../../../test/console/golden/', import.meta.url))
const skip = missingPrograms() ?? false
const languages = ['en', 'fr'] as const

/** Plays a scene; its title, the keys, and what the terminal showed. */
const played = async (cable: SerialCable, { house }: TechnicianHouse, scene: Scene): Promise<string> => {
  const tel1 = house.telephones[0] as VirtualTelephone
  const keys: string[] = []
  const press = async (step: Step): Promise<void> => {
    const { meanwhile, ...pressed } = step
    keys.push(`=== ${keysOf(step)}`)
    await cable.press({ ...pressed, ...(meanwhile && { meanwhile: () => meanwhile(house, tel1) }) })
  }
  await scene.before?.(house, tel1)
  for (const step of scene.steps) {
    await press(step)
    for (let pages = 1; cable.more; pages++) await press({ keys: [pages < (scene.pages ?? 1) ? ' ' : 'q'] })
  }
  return [`### ${scene.title}`, ...keys, ...cable.news(), ''].join('\n')
}

const keysOf = ({ keys }: Step): string =>
  keys.map(key => (key === ' ' ? 'Space' : secrets.includes(key) ? '(secret)' : key)).join(' ')

const type = (cable: SerialCable, text: string) => cable.press({ keys: [text, 'Enter'] })

for (const language of languages)
  t.test(`every command, in ${language}`, { skip }, async t => {
    const terminal = await startTmuxTerminal()
    const cable = await layCable(terminal)
    const box = await openTechnicianHouse()
    try {
      await cable.plugIn(box.console, box.house)
      let seen = ''
      for (const scene of scenes(language)) seen += await played(cable, box, scene)
      isGolden(t, `commands-${language}`, seen)
    } finally {
      cable.unplug()
      await box.close()
      await cable.close()
      await terminal.stop()
    }
  })

t.test('the ten incidents of the field, in both languages', { skip }, async t => {
  const terminal = await startTmuxTerminal()
  const cable = await layCable(terminal)
  const seen = { en: '', fr: '' }
  try {
    for (const incident of incidents) {
      const box = await openTechnicianHouse(incident.house)
      try {
        await cable.plugIn(box.console, box.house)
        for (const text of [viewSecret, 'enable', enableSecret]) await type(cable, text)
        await incident.happens(box.house, box.house.telephones[0] as VirtualTelephone)
        for (const language of languages) {
          await type(cable, `terminal language ${language}`)
          cable.news()
          const steps = incident.commands.map(command => ({ keys: [command, 'Enter'] }))
          seen[language] += await played(cable, box, { title: incident.id, steps })
        }
      } finally {
        cable.unplug()
        await box.close()
      }
    }
  } finally {
    await cable.close()
    await terminal.stop()
  }
  for (const language of languages) isGolden(t, `incidents-${language}`, seen[language])
})

const isGolden = (t: Test, name: string, seen: string): void => {
  const file = `${folder}${name}.txt`
  if (process.env['VOICEPORT_GOLDEN'] === 'write') writeFileSync(file, seen)
  t.equal(seen, readFileSync(file, 'utf8'))
  for (const secret of [...secrets, 'secret-0389']) t.notMatch(seen, secret)
  t.match(seen, /^[\n\x20-\x7e]*$/, 'ASCII only')
  t.ok(
    seen.split('\n').every(row => row.length <= 80),
    '80 columns',
  )
}
