// What a stranger is told about a key must be what the machine does with it: explanations are checked against the
// machine itself, and the table in the documentation against the code.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { explain } from '../../firmware/phone/explain.js'
import { flashKeys, flashTable } from '../../firmware/phone/flash-keys.js'
import { keyTable } from '../../firmware/phone/key-table.js'
import { situationOf, situations } from '../../firmware/phone/situation.js'
import { statePicture } from './state-picture.js'
import { config, Telephone } from './telephone.js'
import { telephoneIn } from './telephone-in.js'

const { plan } = config

t.test('the documented key table is the one the machine uses', async t => {
  const readme = readFileSync('firmware/phone/README.md', 'utf8')
  t.ok(readme.includes(`<!-- key table -->\n${keyTable()}\n<!-- end of key table -->`), keyTable())
})

t.test('the picture of the states shows what the machine does', async t => {
  const readme = readFileSync('firmware/phone/README.md', 'utf8')
  const picture = `<!-- state picture -->\n\`\`\`mermaid\n${statePicture()}\n\`\`\`\n<!-- end of state picture -->`
  t.ok(readme.includes(picture), picture)
  for (const situation of situations) t.equal(situationOf(telephoneIn[situation]().state), situation)
})

t.test('R alone does in the machine what the table and the explanation say', async t => {
  for (const situation of situations) {
    const phone = telephoneIn[situation]()
    t.equal(situationOf(phone.state), situation)
    phone.flash()
    const told = explain('R', situation, plan)
    t.equal(phone.lastIgnored, told?.action === 'ignored', `${situation}: ${told?.meaning}`)
    t.equal(told?.action, flashTable[situation].R)
  }
})

t.test('what no key after R does in the machine is what the explanation says', async t => {
  for (const situation of situations) {
    const told = explain('R', situation, plan)
    if (told?.action !== 'window') continue
    const before = telephoneIn[situation]()
    const talked = before.talk
    const after = before.flash().expire('window')
    const returns = situationOf(after.state) !== situation
    t.equal(/returns to the held party/.test(told.meaning), returns, `${situation}: ${told.meaning}`)
    if (!returns) t.same(after.talk, talked)
  }
})

t.test('a key after R does in the machine what the explanation says', async t => {
  for (const situation of situations)
    for (const name of flashKeys.filter(key => key !== 'R')) {
      const told = explain(name, situation, plan)
      t.equal(explain(name.replace(' ', ''), situation, plan)?.action, told?.action)
      const phone = telephoneIn[situation]().flash()
      if (told?.action === 'ignored') t.ok(phone.lastIgnored, `${situation} ${name}: ${told.meaning}`)
      phone.on({ type: 'digit', digit: name.slice(2), source: 'dtmf' })
      if (told?.action === 'swallowed') t.ok(phone.lastIgnored, `${situation} ${name}: ${told.meaning}`)
      if (told?.action === 'number') t.equal(situationOf(phone.state), 'consult-dial')
    }
})

t.test('numbers and codes are explained as the machine takes them', async t => {
  const cases = [
    ['0389000002', 'place', /Calls 0389000002 \(national\) at its last key/],
    ['0389000002#', 'place', /at its last key/],
    ['00498912345', 'place', /\(international\) after a pause/],
    ['00498912345#', 'place', /at the "#"/],
    ['123', 'place', /voicemail/],
    ['1231', 'place', /after it \(1\) belong to the call/],
    ['123#', 'place', /Calls 123 \(voicemail\) at its last key\.$/],
    ['112', 'emergency', /never withheld/],
    ['*92*112', 'emergency', /never withheld/],
    ['*92*0389000002', 'place', /withheld for this call/],
    ['*92*', 'incomplete', /of the box.*number is awaited.*withheld for this one call/],
    ['*21*', 'incomplete', /of the network.*number is awaited.*announcement/],
    ['*9', 'incomplete', /awaited/],
    ['*93#', 'store', /At the "#".*withheld from now on.*confirmation tone.*error tone/],
    ['#93#', 'store', /shown again.*confirmation tone/],
    ['*95#', 'place', /network is asked first.*nothing has changed/],
    ['*21*0389000003', 'place', /network: \*21\*0389000003# goes/],
    ['*21*112', 'place', /network: \*21\*112#/],
    ['#21#', 'place', /network.*#21#/],
    ['*#*', 'error', /error tone/],
  ] as const
  for (const [keys, action, meaning] of cases) {
    t.match(explain(keys, 'dial-tone', plan), { action, meaning }, keys)
    const phone = new Telephone().lift().dial(keys.replace(/#$/, ''))
    if (keys.endsWith('#')) phone.dial('#')
    else if (phone.timers.has('inter-digit')) phone.expire('inter-digit')
    const placed = phone.network.find(act => act.type === 'place')
    t.equal(placed !== undefined, action === 'place' || action === 'emergency', keys)
    t.equal(placed?.emergency === true, action === 'emergency', keys)
    t.equal(phone.stores.length > 0, action === 'store', keys)
  }
})

t.test('keys in other situations, and what is no key at all', async t => {
  t.equal(explain('5', 'active', plan)?.action, 'relayed')
  t.equal(explain('5', 'dialling', plan)?.action, 'collected')
  t.equal(explain('5', 'emergency', plan)?.action, 'relayed')
  for (const state of ['idle', 'ringing-in', 'failed', 'left-off-hook', 'waiting-only', 'held-only'] as const)
    t.equal(explain('5', state, plan)?.action, 'ignored')
  t.same(explain('*92*N', 'dial-tone', plan)?.meaning, explain('*92*', 'dial-tone', plan)?.meaning)
  t.same(explain('*21*…', 'dial-tone', plan)?.meaning, explain('*21*', 'dial-tone', plan)?.meaning)
  for (const wrong of ['', 'R 22', 'Q', 'R R', '12a', '+33'])
    t.equal(explain(wrong, 'active', plan), undefined)
})
