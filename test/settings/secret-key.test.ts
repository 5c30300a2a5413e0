// Passwords inside of addresses are as secret as those under keys of their own: shown, told and served without.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { settingFacts } from '../../board/setting-facts.js'
import { withoutPasswords } from '../../firmware/settings/secret-key.js'
import { configText, deskRig, loaderOf } from './desk-rig.js'

t.test('an address without a password is shown as it is', async t => {
  for (const text of [
    'sip:192.0.2.1:5060;transport=udp',
    '["sip:192.0.2.9:5060","sip:b.test;lr"]',
    'sip:conference@operator.test',
    '["sip:a.test:5060","sips:who@b.test:5061"]',
    'https://xcap.test/root?x=a@b',
    '/var/lib/voiceport/voiceport.db',
  ])
    t.equal(withoutPasswords(text), text)
})

t.test(
  'whatever stands between scheme and host of a URL, or behind the user of a SIP URI, is not',
  async t => {
    const word = fc.stringMatching(/^[A-Za-z0-9.!~*'()%:@-]{0,12}canary[A-Za-z0-9.!~*'()%-]{0,8}$/)
    await fc.assert(
      fc.property(word, secret => {
        t.notMatch(withoutPasswords(`https://${secret}@xcap.test/root`), /canary/)
        t.notMatch(withoutPasswords(`sip:user:${secret}@operator.test;lr`), /canary/)
      }),
      { numRuns: 60 },
    )
  },
)

t.test('a password in the XCAP root of the file is neither shown nor told', async t => {
  const root = 'https://user:url-canary@xcap.test/root'
  const withRoot = (text: string) =>
    configText.replace('[[line]]\nid = "tel2"', `[line.xcap]\nroot = "${text}"\n$&`)
  const { desk, file } = deskRig(t.teardown, { text: withRoot(root) })
  const facts = settingFacts(desk.current().config)
  t.match(
    facts.find(({ key }) => key === 'line.tel1.xcap.root'),
    { value: 'https://(set)@xcap.test/root', text: 'https://(set)@xcap.test/root' },
  )
  t.notMatch(JSON.stringify(facts), /canary/)
  const wrong = join(file, '..', 'wrong.toml')
  writeFileSync(wrong, withRoot(`${root} `))
  const read = loaderOf(wrong)(new Map())
  t.match(JSON.stringify(read), /xcap\.root = .*must be an http or https URL/)
  t.notMatch(JSON.stringify(read), /canary/)
})
