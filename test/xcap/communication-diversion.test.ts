// Whether calls are diverted, by the simservs document.

import fc from 'fast-check'
import t from 'tap'
import { diversionIn } from '../../firmware/xcap/communication-diversion.js'

const document = (inner: string) => `<?xml version="1.0"?>
<ss:simservs xmlns:ss="http://uri.etsi.org/ngn/params/xml/simservs/xcap" xmlns:cp="urn:ietf:params:xml:ns:common-policy">
<ss:originating-identity-presentation-restriction active="true"/>${inner}</ss:simservs>`
const diversion = (rules: string, active = ' active="true"') =>
  document(
    `<ss:communication-diversion${active}><ss:NoReplyTimer>20</ss:NoReplyTimer><cp:ruleset>${rules}</cp:ruleset></ss:communication-diversion>`,
  )
const rule = (conditions = '', action = '<ss:forward-to><ss:target>sip:1@h</ss:target></ss:forward-to>') =>
  `<cp:rule id="a"><cp:conditions>${conditions}</cp:conditions><cp:actions>${action}</cp:actions></cp:rule>`

t.test('an active rule of an active service is a forward (3GPP TS 24.604 §4.9)', async t => {
  const cases: readonly (readonly [string, string, boolean | undefined])[] = [
    ['always', diversion(rule()), true],
    ['when busy', diversion(rule('<ss:busy/>')), true],
    ['the second of two', diversion(rule('<ss:rule-deactivated/>') + rule('<ss:no-answer/>')), true],
    ['no rule', diversion(''), false],
    ['a rule that is switched off', diversion(rule('<ss:busy/><ss:rule-deactivated/>')), false],
    ['a rule that forwards nowhere', diversion(rule('', '')), false],
    ['the service is not active', diversion(rule(), ' active="false"'), false],
    ['active is the default', diversion(rule(), ''), true],
    ['no rules at all', document('<ss:communication-diversion active="true"/>'), false],
    ['no such service', document(''), false],
    ['no such attribute value', diversion(rule(), ' active="maybe"'), undefined],
    ['twice', document('<ss:communication-diversion/><ss:communication-diversion/>'), undefined],
    ['another document', '<resource-lists/>', undefined],
    ['broken off', diversion(rule()).slice(0, -30), undefined],
    ['nothing', '', undefined],
  ]
  for (const [what, xml, active] of cases) t.equal(diversionIn(xml), active, what)
})

t.test('no text throws', async () => {
  const words = fc.constantFrom(
    '<simservs>',
    '</simservs>',
    '<communication-diversion',
    '/>',
    '>',
    '<ruleset>',
    '<rule>',
    '<rule/>',
    ' active="1"',
    '&a;',
    '<![CDATA[',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 20 }), parts =>
      [true, false, undefined].includes(diversionIn(parts.join(''))),
    ),
  )
})
