// Digest responses against published vectors, and the policy of what is answered.
import { createHash } from 'node:crypto'
import t from 'tap'
import { createCredentials, newAttempts } from '../../../firmware/sip/engine/credentials.js'
import {
  authorization,
  type Challenge,
  digestResponse,
  isFromServer,
  readChallenges,
} from '../../../firmware/sip/engine/digest.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'

const mufasa = {
  user: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  body: '',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  count: 1,
}
const rfc7616: Challenge = {
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  stale: false,
  qop: 'auth',
}
const rfc2617: Challenge = {
  realm: 'testrealm@host.com',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  stale: false,
  qop: 'auth',
}
const old = { ...mufasa, password: 'Circle Of Life', cnonce: '0a4f113b' }

t.test('RFC 7616 §3.9.1: MD5 and SHA-256', async t => {
  t.equal(digestResponse({ ...rfc7616, algorithm: 'MD5' }, mufasa), '8ca523f5e9506fed4657c9700eebdbec')
  t.equal(digestResponse(rfc7616, mufasa), '8ca523f5e9506fed4657c9700eebdbec', 'no algorithm is MD5')
  t.equal(
    digestResponse({ ...rfc7616, algorithm: 'SHA-256' }, mufasa),
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  )
})

t.test(
  'RFC 2617 §3.5, MD5-sess, auth-int and no qop (figures of the last three from another implementation)',
  async t => {
    t.equal(digestResponse(rfc2617, old), '6629fae49393a05397450978507c4ef1')
    t.equal(digestResponse({ ...rfc2617, algorithm: 'MD5-sess' }, old), '8e3825c57e897f5a0dec6c2d4e5059d0')
    const body = { ...old, method: 'INVITE', uri: 'sip:a@b', body: 'v=0\r\n', count: 2 }
    t.equal(digestResponse({ ...rfc2617, qop: 'auth-int' }, body), '221b0d9f372ffde1f2dd73c11f972f6d')
    const { qop: _, ...bare } = rfc2617
    t.equal(digestResponse(bare, old), '670fd8c2df070c60b045671b8b24ff02')
  },
)

t.test('RFC 7616 §3.5: an answer that proves to come from somebody else is found out', async t => {
  const h = (text: string): string => createHash('sha256').update(text).digest('hex')
  const { user, password, uri, cnonce } = mufasa
  const challenge: Challenge = { ...rfc7616, algorithm: 'SHA-256' }
  const secret = (word: string): string => h(`${user}:${rfc7616.realm}:${word}`)
  const rspauth = (word: string, qop: string, a2: string): string =>
    h(`${secret(word)}:${rfc7616.nonce}:00000001:${cnonce}:${qop}:${h(a2)}`)
  const holds = (info: string, body = ''): boolean => isFromServer(challenge, mufasa, info, body)
  const auth = rspauth(password, 'auth', `:${uri}`)
  t.ok(holds(`rspauth="${auth}", qop=auth, nc=00000001, cnonce="${cnonce}"`))
  t.ok(
    holds(`nextnonce="n", rspauth="${auth.toUpperCase()}"`),
    'with the quality asked for, where none is told',
  )
  t.ok(holds(`nextnonce="rspauth"`), 'not every server tells it')
  t.notOk(holds(`rspauth="${rspauth('another', 'auth', `:${uri}`)}", qop=auth`), 'another password')
  t.notOk(holds(`rspauth="${rspauth(password, 'auth', `GET:${uri}`)}", qop=auth`), 'our own proof sent back')
  t.notOk(holds(`rspauth="${rspauth(password, 'auth', ':/other')}", qop=auth`), 'of another document')
  t.notOk(holds(`rspauth="${auth}", qop=none`))
  t.notOk(holds('rspauth=""'))
  const whole = rspauth(password, 'auth-int', `:${uri}:${h('<simservs/>')}`)
  t.ok(holds(`rspauth="${whole}", qop=auth-int`, '<simservs/>'))
  t.notOk(holds(`rspauth="${whole}", qop=auth-int`, '<simservs />'), 'changed on its way')
  const { qop: _, ...bare } = challenge
  const old = h(`${secret(password)}:${rfc7616.nonce}:${h(`:${uri}`)}`)
  t.ok(isFromServer(bare, mufasa, `rspauth="${old}"`, ''), 'without qop')
})

t.test('header form: quoting, nc in eight digits, nothing that was not asked for', async t => {
  const { qop: _, ...bare } = rfc2617
  t.notMatch(authorization(bare, old), /cnonce|nc=|qop|algorithm|opaque/)
  const full = authorization(
    { ...rfc2617, algorithm: 'SHA-256', opaque: 'o"p' },
    { ...old, count: 26, user: 'a"b\\c' },
  )
  t.match(full, 'nc=0000001a')
  t.match(full, 'username="a\\"b\\\\c"')
  t.match(full, 'opaque="o\\"p"')
  t.match(full, ', algorithm=SHA-256,')
})

t.test('trap 13: of several challenges the topmost that is supported, one for each realm', async t => {
  const read = readChallenges([
    'Digest realm="a", nonce="n0", algorithm=SHA3-999',
    'Digest realm="a", nonce="n1", algorithm=SHA-256, qop="auth,auth-int"',
    'Digest realm="a", nonce="n2", algorithm=MD5, qop="auth"',
    'Digest realm="b", nonce="x,y", algorithm=md5-sess, qop="auth-int", stale=TRUE, opaque=""',
    'Digest realm="c", nonce="n", qop="token"',
    'Basic realm="d"',
    'Digest nonce="no realm"',
  ])
  t.same(read, [
    { realm: 'a', nonce: 'n1', algorithm: 'SHA-256', qop: 'auth', stale: false },
    { realm: 'b', nonce: 'x,y', algorithm: 'md5-sess', qop: 'auth-int', stale: true, opaque: '' },
  ])
  t.same(
    readChallenges(['Digest realm="a", nonce="1", Digest realm="b", nonce="2"']).map(entry => entry.realm),
    ['a', 'b'],
    'two in one line',
  )
  t.same(readChallenges(['', '"', 'Digest', 'Digest realm', '\0=']), [])
})

const account = () =>
  createCredentials({
    user: 'u',
    password: 'p',
    domain: 'operator.test',
    proxies: ['proxy.elsewhere.test'],
    entropy: new SeededEntropy(1),
  })
const request = { method: 'INVITE', uri: 'sip:1@operator.test', body: '' }
const call = { scope: 'call', inDialog: false } as const
const ask = (realm: string, nonce: string, more = '') => [
  `Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`,
]
const ncOf = (header: string | undefined) => /nc=([0-9a-f]+)/.exec(header ?? '')?.[1]

t.test('a stranger gets no response to crack', async t => {
  for (const realm of ['evil.test', 'test', 'xoperator.test', 'operator.test.evil.example'])
    t.match(account().answer(newAttempts(), 'server', ask(realm, 'n'), request, call), {
      type: 'give-up',
      why: 'foreign-realm',
    })
  for (const realm of ['operator.test', 'Operator.Test', 'sip.operator.test', 'proxy.elsewhere.test'])
    t.equal(account().answer(newAttempts(), 'proxy', ask(realm, 'n'), request, call).type, 'retry', realm)
})

t.test('the registrar may call its realm what it likes, and calls may then use it', async t => {
  const credentials = account()
  t.equal(credentials.answer(newAttempts(), 'server', ask('asterisk', 'n'), request, call).type, 'give-up')
  const register = { scope: 'register', inDialog: false } as const
  t.equal(credentials.answer(newAttempts(), 'server', ask('asterisk', 'n'), request, register).type, 'retry')
  t.equal(credentials.answer(newAttempts(), 'server', ask('asterisk', 'n'), request, call).type, 'retry')
})

t.test('in a dialog only who challenged us outside one', async t => {
  const credentials = account()
  const inside = { scope: 'call', inDialog: true } as const
  t.match(credentials.answer(newAttempts(), 'proxy', ask('operator.test', 'n'), request, inside), {
    why: 'foreign-realm',
  })
  credentials.answer(newAttempts(), 'proxy', ask('operator.test', 'n'), request, call)
  t.equal(
    credentials.answer(newAttempts(), 'proxy', ask('operator.test', 'n2'), request, inside).type,
    'retry',
  )
  t.equal(
    credentials.answer(newAttempts(), 'server', ask('operator.test', 'n2'), request, inside).type,
    'give-up',
  )
})

t.test('407 then 401 of the same request are both answered; a repeated refusal is not', async t => {
  const credentials = account()
  const attempts = newAttempts()
  const first = credentials.answer(attempts, 'proxy', ask('operator.test', 'p1'), request, call)
  t.match(first, { type: 'retry', headers: [['Proxy-Authorization', [/nonce="p1"/]]] })
  t.match(credentials.answer(attempts, 'server', ask('operator.test', 's1'), request, call), {
    type: 'retry',
    headers: [
      ['Proxy-Authorization', [/nonce="p1".*nc=00000002/]],
      ['Authorization', [/nonce="s1"/]],
    ],
  })
  t.match(credentials.answer(attempts, 'server', ask('operator.test', 's2'), request, call), {
    type: 'give-up',
    why: 'refused',
  })
  t.equal(
    credentials.answer(attempts, 'server', ask('operator.test', 's3', ', stale=true'), request, call).type,
    'retry',
  )
})

t.test('a server that says stale for ever is given up', async t => {
  const credentials = account()
  const attempts = newAttempts()
  let rounds = 0
  while (
    credentials.answer(attempts, 'server', ask('operator.test', `n${rounds}`, ', stale=true'), request, call)
      .type === 'retry'
  )
    rounds++
  t.equal(rounds, 6)
})

t.test('known nonces go out unasked with a rising nc; an aged one costs one more round', async t => {
  const credentials = account()
  t.same(credentials.preempt(newAttempts(), request, 'call'), [])
  credentials.answer(newAttempts(), 'proxy', ask('operator.test', 'n1'), request, call)
  const attempts = newAttempts()
  const [header] = credentials.preempt(attempts, request, 'call')
  t.equal(header?.[0], 'Proxy-Authorization')
  t.equal(ncOf(header?.[1][0]), '00000002')
  t.same(credentials.preempt(newAttempts(), request, 'register'), [], 'REGISTER was not asked')
  t.match(credentials.answer(attempts, 'proxy', ask('operator.test', 'n1'), request, call), {
    why: 'refused',
  })
  const again = credentials.answer(attempts, 'proxy', ask('operator.test', 'n2'), request, call)
  t.equal(again.type === 'retry' && ncOf(again.headers[0]?.[1][0]), '00000001')
  credentials.nextNonce('proxy', 'qop=auth, nextnonce="n3"')
  t.match(credentials.preempt(newAttempts(), request, 'call')[0]?.[1][0], /nonce="n3".*nc=00000001/)
})
