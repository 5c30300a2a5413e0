// The simservs document: where it stands, what it says, what is written.

import fc from 'fast-check'
import t from 'tap'
import { documentUrl, elementUrl, restrictionElement, restrictionIn } from '../../firmware/xcap/simservs.js'

const oir = (inner: string, attributes = ' active="true"', prefix = '') => `<?xml version="1.0"?>
<${prefix}simservs xmlns${prefix && `:${prefix.slice(0, -1)}`}="http://uri.etsi.org/ngn/params/xml/simservs/xcap">
<${prefix}originating-identity-presentation active="true"/>
<${prefix}originating-identity-presentation-restriction${attributes}>${inner}</${prefix}originating-identity-presentation-restriction>
<${prefix}terminating-identity-presentation-restriction active="true"><${prefix}default-behaviour>presentation-not-restricted</${prefix}default-behaviour></${prefix}terminating-identity-presentation-restriction>
</${prefix}simservs>`
const behaviour = (value: string, prefix = '') =>
  `<${prefix}default-behaviour>${value}</${prefix}default-behaviour>`

t.test('what the document says of the number (3GPP TS 24.607 §4.10)', async t => {
  const cases: readonly [string, string, boolean | undefined][] = [
    ['withheld', oir(behaviour('presentation-restricted')), true],
    ['shown', oir(behaviour('presentation-not-restricted')), false],
    ['white space around', oir(behaviour('\n presentation-restricted ')), true],
    ['with a prefix', oir(behaviour('presentation-restricted', 'ss:'), ' active="1"', 'ss:'), true],
    ['the default is withheld', oir('', ' active="true"'), true],
    ['active is the default', oir(behaviour('presentation-restricted'), ''), true],
    ['the service is not active', oir(behaviour('presentation-restricted'), ' active="false"'), false],
    ['no such word', oir(behaviour('maybe')), undefined],
    ['no such attribute value', oir(behaviour('presentation-restricted'), ' active="maybe"'), undefined],
    [
      'twice',
      oir(behaviour('presentation-restricted') + behaviour('presentation-not-restricted')),
      undefined,
    ],
    ['service not there', '<simservs/>', undefined],
    ['another document', '<resource-lists><list/></resource-lists>', undefined],
    ['broken off', oir(behaviour('presentation-not-restricted')).slice(0, -30), undefined],
    ['no XML', 'Not found', undefined],
    ['nothing', '', undefined],
    [
      'entities are not expanded',
      `<!DOCTYPE x [<!ENTITY a "presentation-not-restricted">]>${oir(behaviour('&a;')).slice(21)}`,
      undefined,
    ],
  ]
  for (const [what, xml, restricted] of cases) t.equal(restrictionIn(xml), restricted, what)
})

t.test('what is written is what is read', async t => {
  for (const restricted of [true, false])
    t.equal(restrictionIn(`<simservs>${restrictionElement(restricted)}</simservs>`), restricted)
  t.match(
    restrictionElement(true),
    /^<originating-identity-presentation-restriction xmlns="http:\/\/uri\.etsi\.org/,
  )
})

t.test('no text throws, and none of them unmasks but one that says so', async t => {
  const words = fc.constantFrom(
    '<simservs>',
    '</simservs>',
    '<originating-identity-presentation-restriction',
    ' active="false"',
    '>',
    '/>',
    '<default-behaviour>',
    'presentation-not-restricted',
    '</default-behaviour>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '&',
    '"',
  )
  const property = fc.property(
    fc.oneof(
      fc.string(),
      fc.array(words).map(parts => parts.join('')),
    ),
    xml => {
      const said = restrictionIn(xml)
      return said !== false || /presentation-not-restricted|active="false"/.test(xml)
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3000 }))
})

t.test('where document and element stand (RFC 4825 §6)', async t => {
  const root = 'http://xcap.operator.test:8080/xcap/'
  t.equal(
    documentUrl(root, 'sip:0389000001@operator.test').href,
    'http://xcap.operator.test:8080/xcap/simservs.ngn.etsi.org/users/sip:0389000001@operator.test/simservs.xml',
  )
  t.equal(
    elementUrl('http://x', 'sip:+33389000001@o.test').pathname,
    '/simservs.ngn.etsi.org/users/sip:+33389000001@o.test/simservs.xml/~~/simservs/originating-identity-presentation-restriction',
  )
  t.match(
    documentUrl('http://x', 'sip:a/../b#c?d@o.test').pathname,
    /users\/sip:a%2F\.\.%2Fb%23c%3Fd@o\.test\/simservs/,
  )
})
