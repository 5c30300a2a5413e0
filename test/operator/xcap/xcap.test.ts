// The simservs document of a subscriber over XCAP: read and written whole and node by node, with entity tags, by its owner
// only; and the notice to telephones.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { operatorWorld } from '../../support/operator-world.js'
import type { WebResponse } from '../http-server.js'
import { initialProfile, type Profile } from '../profiles.js'
import { readSimservs, SIMSERVS, writeSimservs } from './simservs.js'
import { formatXml, parseXml, XmlError } from './xml.js'

const one = '0389000001'
const document = '/xcap/simservs.ngn.etsi.org/users/sip:0389000001@operator.test/simservs.xml'
const cp = 'urn:ietf:params:xml:ns:common-policy'
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

const world = async () => {
  const made = await operatorWorld({
    algorithms: ['MD5'],
    voicemail: {
      number: '123',
      application: dialogue => {
        dialogue.answer()
        return {}
      },
    },
  })
  let count = 0
  const ask = async (
    method: string,
    url: string,
    body = '',
    headers: Readonly<Record<string, string>> = {},
    [user, password] = [one, 'one'],
  ): Promise<WebResponse> => {
    const request = { method, url, headers, body, address: '127.0.0.9' }
    const challenge = (await made.wait(made.operator.web(request)))!
    t.equal(challenge.status, 401)
    const nonce = /nonce="([^"]+)"/.exec(challenge.headers['WWW-Authenticate']!)![1]!
    const nc = (++count).toString(16).padStart(8, '0')
    const proof = md5(
      `${md5(`${user}:operator.test:${password}`)}:${nonce}:${nc}:c:auth:${md5(`${method}:${url}`)}`,
    )
    const authorization =
      `Digest username="${user}", realm="operator.test", nonce="${nonce}", uri="${url}", ` +
      `response="${proof}", algorithm=MD5, cnonce="c", qop=auth, nc=${nc}`
    return (await made.wait(made.operator.web({ ...request, headers: { ...headers, authorization } })))!
  }
  return {
    ...made,
    ask,
    profile: () => made.operator.profiles.of(one),
    /** PUT of a node: content type by the kind of selector. */
    put: (selector: string, body: string, headers = {}) =>
      ask('PUT', `${document}/~~/${selector}`, body, {
        'content-type': /@\w+$/.test(selector) ? 'application/xcap-att+xml' : 'application/xcap-el+xml',
        ...headers,
      }),
    putWhole: (body: string, headers = {}) =>
      ask('PUT', document, body, { 'content-type': 'application/vnd.etsi.simservs+xml', ...headers }),
  }
}

t.test('the document tells the profile, and changes with it', async t => {
  const { ask, operator, wait } = await world()
  const first = await ask('GET', document)
  t.equal(first.status, 200)
  t.equal(first.headers['Content-Type'], 'application/vnd.etsi.simservs+xml')
  t.equal(
    first.body,
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<simservs xmlns="${SIMSERVS}" xmlns:cp="${cp}">` +
      '<originating-identity-presentation-restriction active="true">' +
      '<default-behaviour>presentation-not-restricted</default-behaviour>' +
      '</originating-identity-presentation-restriction>' +
      '<communication-diversion active="true"><NoReplyTimer>20</NoReplyTimer><cp:ruleset/>' +
      '</communication-diversion></simservs>',
  )
  await wait(operator.profiles.change(one, { forwardAlways: '0612345678', masking: true }, 'star-code'))
  const second = await ask('GET', document)
  t.not(second.headers['ETag'], first.headers['ETag'])
  t.match(second.body, /<default-behaviour>presentation-restricted</)
  t.match(
    second.body,
    '<cp:rule id="unconditional"><cp:conditions/><cp:actions><forward-to><target>sip:0612345678@operator.test;user=phone</target></forward-to></cp:actions></cp:rule>',
  )
})

t.test('only the owner reads and writes; wrong paths and methods are refused', async t => {
  const { ask } = await world()
  t.equal((await ask('GET', document, '', {}, ['0389000002', 'two'])).status, 403)
  t.equal((await ask('GET', document, '', {}, [one, 'guess'])).status, 403)
  t.equal((await ask('GET', document.replace(one, '0389999999'))).status, 404)
  t.equal((await ask('GET', `${document}/~~/simservs/[`)).status, 404)
  t.equal((await ask('DELETE', document)).status, 405)
  t.equal((await ask('POST', document)).status, 405)
  t.equal((await ask('GET', '/xcap/xcap-caps/global/index')).status, 200)
  const escaped = document.replace('sip:', 'sip%3A').replace('@', '%40')
  t.equal((await ask('GET', escaped)).status, 200)
})

t.test('one element or attribute is read and written alone', async t => {
  const { ask, put, profile } = await world()
  const behaviour = 'simservs/originating-identity-presentation-restriction/default-behaviour'
  const read = await ask('GET', `${document}/~~/${behaviour}`)
  t.equal(read.headers['Content-Type'], 'application/xcap-el+xml')
  t.match(read.body, />presentation-not-restricted</)
  const put1 = await put(behaviour, '<default-behaviour>presentation-restricted</default-behaviour>')
  t.equal(put1.status, 200)
  t.equal(profile().masking, true)
  t.equal(put1.headers['ETag'], (await ask('GET', document)).headers['ETag'])
  const active = 'simservs/originating-identity-presentation-restriction/@active'
  t.equal((await ask('GET', `${document}/~~/${active}`)).body, 'true')
  t.equal((await put(active, 'false')).status, 200)
  t.equal(profile().masking, false)
  t.equal(
    (await put('simservs/communication-diversion/NoReplyTimer', '<NoReplyTimer>40</NoReplyTimer>')).status,
    200,
  )
  t.equal(profile().ringSeconds, 40)
})

t.test('a rule is added, replaced and deleted by its id', async t => {
  const { ask, put, profile } = await world()
  const rules = 'simservs/communication-diversion/cp:ruleset'
  const rule = (number: string) =>
    `<cp:rule xmlns:cp="${cp}" xmlns="${SIMSERVS}" id="mine"><cp:conditions><no-answer/></cp:conditions>` +
    `<cp:actions><forward-to><target>tel:+33${number.slice(1)}</target></forward-to></cp:actions></cp:rule>`
  const at = (suffix: string) => `${rules}/${suffix}?xmlns(cp=${cp})`
  t.equal((await put(at('cp:rule%5b@id=%22mine%22%5d'), rule('0612345678'))).status, 201)
  t.equal(profile().forwardNoReply, '0612345678')
  const kept = at('cp:rule%5b@id=%22no-answer%22%5d')
  t.equal((await put(kept, rule('0612345679'))).status, 409, 'an id that is not the one in the path')
  t.equal((await put(kept, rule('0612345679').replace('mine', 'no-answer'))).status, 200)
  t.equal(profile().forwardNoReply, '0612345679')
  t.equal((await ask('DELETE', `${document}/~~/${kept}`)).status, 200)
  t.equal(profile().forwardNoReply, undefined)
  t.equal((await ask('DELETE', `${document}/~~/${kept}`)).status, 404)
})

t.test('calls to voicemail by rule, and rules that are switched off', async t => {
  const { ask, putWhole, profile } = await world()
  const whole = (rules: string, active = 'true') =>
    `<s:simservs xmlns:s="${SIMSERVS}" xmlns:cp="${cp}"><s:communication-diversion active="${active}">` +
    `<cp:ruleset>${rules}</cp:ruleset></s:communication-diversion></s:simservs>`
  const rule = (conditions: string, target: string, id = 'r') =>
    `<cp:rule id="${id}"><cp:conditions>${conditions}</cp:conditions><cp:actions><s:forward-to>` +
    `<s:target>${target}</s:target></s:forward-to></cp:actions></cp:rule>`
  t.equal((await putWhole(whole(rule('', 'sip:123@operator.test')))).status, 200)
  t.match(profile(), { voicemailAlways: true, forwardAlways: undefined, masking: false })
  t.match((await ask('GET', document)).body, /sip:123@operator.test/)
  t.equal((await putWhole(whole(rule('<s:busy/>', 'sip:0612345678@operator.test')))).status, 200)
  t.match(profile(), { voicemailAlways: false, forwardBusy: '0612345678' })
  t.equal((await putWhole(whole(rule('<s:rule-deactivated/><s:busy/>', 'sip:0612345678@x')))).status, 200)
  t.equal(profile().forwardBusy, undefined)
  t.equal((await putWhole(whole(rule('<s:busy/>', 'sip:0612345678@x'), 'false'))).status, 200)
  t.same(profile(), initialProfile)
  t.equal((await putWhole(whole(rule('<s:not-reachable/>', 'sip:0612345678@x')))).status, 409)
  t.equal(
    (await putWhole(whole(rule('', 'sip:0612345678@x') + rule('', 'sip:0612345679@x', 'q')))).status,
    409,
  )
})

t.test('whoever saw another state than this one changes nothing', async t => {
  const { ask, put, profile, operator, wait } = await world()
  const first = (await ask('GET', document)).headers['ETag']!
  t.equal((await ask('GET', document, '', { 'if-none-match': first })).status, 304)
  await wait(operator.profiles.change(one, { ringSeconds: 40 }, 'portal'))
  const behaviour = 'simservs/originating-identity-presentation-restriction/default-behaviour'
  const masked = '<default-behaviour>presentation-restricted</default-behaviour>'
  t.equal((await put(behaviour, masked, { 'if-match': first })).status, 412)
  t.equal(profile().masking, false)
  const second = (await ask('GET', document, '', { 'if-none-match': first })).headers['ETag']!
  t.equal((await put(behaviour, masked, { 'if-match': second })).status, 200)
  t.equal(profile().masking, true)
  t.equal((await put(behaviour, masked, { 'if-none-match': '*' })).status, 412)
})

t.test('what is no document, or asks for what cannot be, is told why and changes nothing', async t => {
  const { put, putWhole, ask, profile } = await world()
  const why = async (response: Promise<WebResponse>) => {
    const { status, body, headers } = await response
    t.equal(status, 409)
    t.equal(headers['Content-Type'], 'application/xcap-error+xml')
    return /<xcap-error[^>]*><([a-z-]+)/.exec(body)?.[1]
  }
  const diversion = 'simservs/communication-diversion'
  t.equal(await why(putWhole('<simservs')), 'not-well-formed')
  t.equal(await why(putWhole('<!DOCTYPE a><a/>')), 'not-well-formed')
  t.equal(await why(putWhole('<other xmlns="urn:x"/>')), 'schema-validation-error')
  t.equal(await why(put(`${diversion}/NoReplyTimer`, '<NoReplyTimer>')), 'not-xml-frag')
  t.equal(
    await why(put(`${diversion}/NoReplyTimer`, '<NoReplyTimer>21</NoReplyTimer>')),
    'constraint-failure',
  )
  t.equal(await why(put(`${diversion}/NoReplyTimer`, '<NoReplyTimer>x</NoReplyTimer>')), 'constraint-failure')
  t.equal(await why(put(`${diversion}/@active`, 'maybe')), 'schema-validation-error')
  t.equal(await why(put('simservs/nothing/here', '<here/>')), 'no-parent')
  t.equal(await why(put(`${diversion}/NoReplyTimer`, '<Other/>')), 'cannot-insert')
  const busy = `<cp:ruleset xmlns:cp="${cp}" xmlns="${SIMSERVS}"><cp:rule id="b"><cp:conditions><busy/></cp:conditions><cp:actions><forward-to><target>sip:112@x</target></forward-to></cp:actions></cp:rule></cp:ruleset>`
  t.equal(await why(put(`${diversion}/cp:ruleset?xmlns(cp=${cp})`, busy)), 'constraint-failure')
  t.equal((await ask('PUT', document, '<a/>', { 'content-type': 'text/plain' })).status, 415)
  t.same(profile(), initialProfile)
})

t.test('telephones are told that the document has changed, also by a reset that changes nothing', async t => {
  const { phone, wait, operator, clock, ask } = await world()
  const tel = await phone(1)
  await wait(tel.register(300))
  const seen = tel.answering(200)
  const before = (await ask('GET', document)).headers['ETag']!
  await wait(operator.profiles.change(one, { masking: false }, 'portal'))
  await clock.advance(100)
  const { request } = seen[0]!
  t.equal(seen.length, 1)
  t.equal(request.method, 'NOTIFY')
  const header = (name: string) => request.headers.find(([key]) => key === name)?.[1]
  t.equal(header('Event'), 'ua-profile')
  t.equal(header('Content-Type'), 'application/xcap-diff+xml')
  const diff = parseXml(request.body)
  const [told] = diff.children
  t.ok(typeof told === 'object' && told.attributes.get('previous-etag') === before)
  const after = (await ask('GET', document)).headers['ETag']!
  t.ok(typeof told === 'object' && told.attributes.get('new-etag') === after && after !== before)
})

t.test('profile to document and back is the same profile, whatever it is', async () => {
  const options = { domain: 'operator.test', countryCode: '33', voicemail: '123' }
  const number = fc.option(
    fc.integer({ min: 1e8, max: 9.9e8 }).map(n => `0${n}`),
    { nil: undefined },
  )
  fc.assert(
    fc.property(
      fc.record({
        forwardAlways: number,
        forwardNoReply: number,
        forwardBusy: number,
        voicemailAlways: fc.boolean(),
        masking: fc.boolean(),
        ring: fc.integer({ min: 4, max: 12 }),
      }),
      ({ ring, ...services }) => {
        const profile: Profile = {
          ...initialProfile,
          ...services,
          forwardAlways: services.voicemailAlways ? undefined : services.forwardAlways,
          ringSeconds: ring * 5,
        }
        const prefixes = new Map([
          [SIMSERVS, 'a'],
          [cp, ''],
        ])
        const patch = readSimservs(parseXml(formatXml(writeSimservs(profile, options), prefixes)), options)
        return JSON.stringify({ ...profile, ...patch }) === JSON.stringify(profile)
      },
    ),
  )
})

t.test('whatever the text, reading XML gives an element or an XmlError', async () => {
  const pieces = fc.constantFrom(
    '<a>',
    '</a>',
    '<a b="c"/>',
    '<',
    '>',
    '&amp;',
    '&#x41;',
    '&x;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    'x:y',
    '"',
    "'",
    '<!DOCTYPE',
    ' ',
    'xmlns:x="u"',
    '</',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map(parts => parts.join('')),
      ),
      text => {
        try {
          return typeof parseXml(text).name === 'string'
        } catch (error) {
          return error instanceof XmlError
        }
      },
    ),
    { numRuns: 2000 },
  )
})
