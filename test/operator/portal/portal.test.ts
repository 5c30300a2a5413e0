// The portal without a browser: what each form changes and refuses, who may see what, and what attackers get.

import fc from 'fast-check'
import t from 'tap'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { LinuxNetwork } from '../../../hal/linux/network.js'
import { openPortalWorld, type PortalWorld, password, user } from '../../support/portal-world.js'
import { openHttpServer, type WebResponse } from '../http-server.js'
import { initialProfile } from '../profiles.js'
import { duration } from './calls-page.js'
import { html } from './html.js'
import { monthOf, rangeOf } from './months.js'
import { euros, priceOf } from './tariff.js'

/** A browser without a screen: cookies, and the hidden token of the page it looks at. */
class Visitor {
  readonly cookies = new Map<string, string>()
  last: WebResponse | undefined
  constructor(
    readonly world: PortalWorld,
    readonly address = '192.0.2.1',
  ) {}
  async #ask(method: string, url: string, body: string, more: Record<string, string>): Promise<WebResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      host: 'portal',
      cookie,
      'content-type': 'application/x-www-form-urlencoded',
      ...more,
    }
    const response = await this.world.portal({ method, url, headers, body, address: this.address })
    if (response === undefined) throw new Error(`${url} is not the portal's`)
    const set = /^(\w+)=([^;]*)/.exec(response.headers['Set-Cookie'] ?? '')
    if (set !== null) this.cookies.set(set[1] as string, set[2] as string)
    this.last = response
    return response
  }
  get(url: string): Promise<WebResponse> {
    return this.#ask('GET', url, '', {})
  }
  get token(): string {
    return /name="jeton" value="([^"]*)"/.exec(this.last?.body ?? '')?.[1] ?? ''
  }
  post(url: string, fields: Record<string, string>, more: Record<string, string> = {}): Promise<WebResponse> {
    const body = new URLSearchParams({ jeton: this.token, ...fields }).toString()
    return this.#ask('POST', url, body, { 'sec-fetch-site': 'same-origin', ...more })
  }
  async logIn(number = user, secret = password): Promise<WebResponse> {
    await this.get('/connexion')
    return this.post('/connexion', { numero: number, passe: secret })
  }
  /** Sends the form of one rubric from the page of services. */
  async submit(rubric: string, fields: Record<string, string>): Promise<WebResponse> {
    await this.get('/services')
    return this.post(`/services/${rubric}`, fields)
  }
}

const inside = async (wall?: number) => {
  const world = await openPortalWorld(wall)
  const visitor = new Visitor(world)
  await visitor.logIn()
  return { world, visitor, profile: () => world.profiles.of(user) }
}

const text = (body: string): string =>
  body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/[\s\u00a0\u202f]+/g, ' ')

t.test('only who knows the number and the password of the line gets in', async t => {
  const world = await openPortalWorld()
  const visitor = new Visitor(world)
  t.match(await visitor.get('/services'), { status: 303, headers: { Location: '/connexion' } })
  t.match(await visitor.logIn(user, 'guess'), { status: 403, body: /Numéro ou mot de passe incorrect/ })
  t.match(await visitor.logIn('0399999999', password), { status: 403 })
  t.match(await visitor.get('/journal'), { status: 303 })
  t.match(await visitor.logIn('03 89 00 00 01'), { status: 303, headers: { Location: '/services' } })
  t.match(await visitor.get('/services'), { status: 200, body: /03\u00a089\u00a000\u00a000\u00a001/ })
  const cookie = (await new Visitor(world).logIn()).headers['Set-Cookie'] as string
  t.match(cookie, /HttpOnly/)
  t.match(cookie, /SameSite=Lax/)
})

t.test('wrong passwords make a number wait, longer each time, also for the right one', async t => {
  const world = await openPortalWorld()
  const visitor = new Visitor(world)
  for (let i = 0; i < 3; i++) t.match(await visitor.logIn(user, `guess ${i}`), { status: 403 })
  t.match(await visitor.logIn(), { status: 429, body: /Attendez 30 secondes/ })
  t.match(await new Visitor(world, '192.0.2.9').logIn(), { status: 429 }, 'from elsewhere as well')
  t.match(await new Visitor(world).logIn('0389000002', 'other secret'), { status: 303 }, 'others may')
  await world.clock.advance(31_000)
  t.match(await visitor.logIn(user, 'guess 4'), { status: 403 })
  t.match(await visitor.logIn(), { status: 429, body: /Attendez 60 secondes/ })
  await world.clock.advance(61_000)
  t.match(await visitor.logIn(), { status: 303 })
})

t.test('one address that tries many numbers must wait', async t => {
  const world = await openPortalWorld()
  const visitor = new Visitor(world)
  for (let i = 0; i < 20; i++) await visitor.logIn(`03890001${i}`, 'guess')
  t.match(await visitor.logIn(), { status: 429 })
  t.match(await new Visitor(world, '192.0.2.9').logIn(), { status: 303 })
})

t.test('who leaves, or stays away for half an hour, is out', async t => {
  const { world, visitor } = await inside()
  await visitor.get('/services')
  const cookies = new Map(visitor.cookies)
  t.match(await visitor.post('/deconnexion', {}), { status: 303, headers: { Location: '/connexion' } })
  for (const [name, value] of cookies) visitor.cookies.set(name, value)
  t.match(await visitor.get('/services'), { status: 303 }, 'the old cookie opens nothing')
  await visitor.logIn()
  await world.clock.advance(29 * 60_000)
  t.match(await visitor.get('/services'), { status: 200 })
  await world.clock.advance(31 * 60_000)
  t.match(await visitor.get('/services'), { status: 303, headers: { Location: '/connexion?expire=1' } })
  t.match(await visitor.get('/connexion?expire=1'), { body: /Votre session a expiré/ })
})

t.test('mail address: the default is shown, another one is kept (guide lines 11-13)', async t => {
  const { visitor, profile } = await inside()
  t.match((await visitor.get('/services')).body, /value="0389000001@operator.test"/)
  const response = await visitor.submit('mail', {
    adresse: 'caroline.alain@hombourgennergies-services.fr',
    'par-mail': 'oui',
  })
  t.match(response, { status: 303, headers: { Location: '/services?fait=mail' } })
  t.match(profile(), { mailAddress: 'caroline.alain@hombourgennergies-services.fr', mailMessages: true })
  t.match((await visitor.get('/services?fait=mail')).body, /Votre adresse de réception est enregistrée/)
  for (const adresse of ['caroline', 'a@b', 'a@b.fr,c@d.fr', '<script>@b.fr'])
    t.match(await visitor.submit('mail', { adresse }), { status: 422, body: /e-mail n&#39;est pas valable/ })
  t.equal(profile().mailAddress, 'caroline.alain@hombourgennergies-services.fr')
  await visitor.submit('mail', { adresse: '' })
  t.match(profile(), { mailAddress: undefined, mailMessages: false }, 'emptied: the default again')
})

t.test('permanent forward to voicemail, on and off (guide lines 43-49)', async t => {
  const { visitor, profile } = await inside()
  t.match(await visitor.submit('messagerie', { renvoi: 'oui' }), { status: 303 })
  t.equal(profile().voicemailAlways, true)
  t.match((await visitor.get('/services')).body, /name="renvoi" value="oui" checked/)
  await visitor.submit('messagerie', {})
  t.equal(profile().voicemailAlways, false)
})

t.test('rings: 20 to 60 seconds, five a ring, so that 40 are 8 rings (guide lines 57-67)', async t => {
  const { visitor, profile } = await inside()
  t.match(text((await visitor.get('/services')).body), /40 secondes \(8 sonneries\)/)
  t.match(await visitor.submit('sonneries', { secondes: '40' }), { status: 303 })
  t.equal(profile().ringSeconds, 40)
  for (const secondes of ['15', '65', '41', '', 'vingt', '-20', '2e1'])
    t.match(await visitor.submit('sonneries', { secondes }), { status: 422, body: /entre 20 et 60/ })
  t.equal(profile().ringSeconds, 40)
})

t.test('transfer: tick the box and give the number (guide lines 93-113)', async t => {
  const { visitor, profile } = await inside()
  t.match(await visitor.submit('transfert', { permanent: 'oui', 'permanent-numero': '06 12.34-56 78' }), {
    status: 303,
  })
  t.equal(profile().forwardAlways, '0612345678')
  await visitor.submit('transfert', {
    permanent: 'oui',
    'permanent-numero': '0612345678',
    'non-reponse': 'oui',
    'non-reponse-numero': '0389000002',
    occupation: 'oui',
    'occupation-numero': '+33 6 12 34 56 79',
  })
  t.match(profile(), {
    forwardAlways: '0612345678',
    forwardNoReply: '0389000002',
    forwardBusy: '+33612345679',
  })
})

t.test('transfer: unticked and emptied it is off (guide lines 115-117)', async t => {
  const { visitor, profile } = await inside()
  const on = { permanent: 'oui', 'permanent-numero': '0612345678' }
  await visitor.submit('transfert', on)
  await visitor.submit('transfert', { 'permanent-numero': '' })
  t.equal(profile().forwardAlways, undefined)
  await visitor.submit('transfert', on)
  await visitor.submit('transfert', { 'permanent-numero': '0612345678' })
  t.equal(profile().forwardAlways, undefined, 'unticked alone is clear enough')
})

t.test('transfer: what cannot be is said at the field, and what was typed stays there', async t => {
  const { visitor, profile } = await inside()
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ permanent: 'oui', 'permanent-numero': '' }, /Saisissez le numéro/],
    [{ 'permanent-numero': '0612345678' }, /Cochez la case/],
    [{ permanent: 'oui', 'permanent-numero': '12' }, /pas valable/],
    [{ permanent: 'oui', 'permanent-numero': '112' }, /urgence/],
    [{ permanent: 'oui', 'permanent-numero': user }, /votre propre numéro/],
  ]
  for (const [fields, fault] of refused) {
    const response = await visitor.submit('transfert', fields)
    t.equal(response.status, 422)
    t.match(text(response.body), fault)
    t.match(response.body, /id="permanent-numero"[^>]*aria-describedby="faute-permanent-numero"/)
  }
  const kept = await visitor.submit('transfert', { permanent: 'oui', 'permanent-numero': '12' })
  t.match(kept.body, /id="permanent-numero"[^>]*value="12"/)
  t.match(kept.body, /n&#39;est pas enregistrée/)
  t.same(profile(), initialProfile)
})

t.test('an unchanged transfer does not take back a forward to voicemail that was set later', async t => {
  const { world, visitor, profile } = await inside()
  const both = { 'non-reponse': 'oui', 'non-reponse-numero': '0612345678' }
  await visitor.submit('transfert', { ...both, permanent: 'oui', 'permanent-numero': '0612345679' })
  await world.profiles.change(user, { voicemailAlways: true }, 'star-code')
  t.equal(profile().forwardAlways, undefined)
  await visitor.submit('transfert', both)
  t.match(profile(), { voicemailAlways: true, forwardNoReply: '0612345678' })
})

t.test('return to the initial state restores exactly the defaults of the guide (lines 163-171)', async t => {
  const { world, visitor, profile } = await inside()
  const changes: string[] = []
  world.profiles.onChange(({ author, revision }) => changes.push(`${author} ${revision}`))
  await world.profiles.change(
    user,
    {
      forwardAlways: '0612345678',
      forwardNoReply: '0612345679',
      forwardBusy: '0612345670',
      ringSeconds: 60,
      masking: true,
      mailAddress: 'a@b.fr',
      mailMessages: true,
    },
    'star-code',
  )
  t.match((await visitor.get('/services')).body, /masquage permanent de votre numéro est activé/)
  const response = await visitor.submit('initial', {})
  t.match(response, { status: 303, headers: { Location: '/services?fait=initial' } })
  t.same(
    profile(),
    { ...initialProfile, mailAddress: 'a@b.fr', mailMessages: true },
    'the mail address stays',
  )
  t.same(changes.length, 2, 'whoever shows the masking to the box has been told')
})

t.test(
  'journal: calls of this month with their price, marked as not contractual (guide lines 137-139)',
  async t => {
    const now = Date.UTC(2026, 2, 15, 10)
    const { world, visitor } = await inside(now)
    await world.called('0389000002', now - 60_000, 60)
    await world.called('0612345678', now - 3_600_000, 125)
    await world.called('0612345678', now - 7_200_000, undefined)
    await world.called('0033612345678', now - 7_300_000, 30, user)
    // The last second of February and the first of March, in Paris.
    await world.called('0388111111', Date.UTC(2026, 1, 28, 22, 59, 59), 10)
    await world.called('0388222222', Date.UTC(2026, 1, 28, 23, 0, 0), 10)
    const page = text((await visitor.get('/journal')).body)
    t.match(page, /03 89 00 00 02 fixe 1 min 00 s 0,03 €/)
    t.match(page, /06 12 34 56 78 mobile 2 min 05 s 0,21 €/)
    t.match(page, /06 12 34 56 78 mobile sans réponse 0,00 €/)
    t.match(page, /0033612345678 international, appel transféré 30 s 0,25 €/)
    t.match(page, /03 88 22 22 22/)
    t.notMatch(page, /03 88 11 11 11/)
    t.match(page, /Total : 5 appels/)
    t.match(page, /non contractuelle/)
  },
)

t.test('archives: earlier months, one at a time (guide line 141)', async t => {
  const now = Date.UTC(2026, 2, 15, 10)
  const { world, visitor } = await inside(now)
  t.match(text((await visitor.get('/archives')).body), /pas encore d'archives/)
  await world.called('0389000002', now, 60)
  await world.called('0388111111', Date.UTC(2025, 11, 24, 10), 60)
  const page = (await visitor.get('/archives')).body
  t.same(
    [...page.matchAll(/<option value="([^"]*)"/g)].map(match => match[1]),
    ['2026-02', '2026-01', '2025-12'],
    'the current month is not among them',
  )
  t.match(text((await visitor.get('/archives?mois=2025-12')).body), /03 88 11 11 11.*Total : 1 appel/)
  t.match(text((await visitor.get('/archives?mois=2026-01')).body), /Aucun appel/)
  t.notMatch(
    (await visitor.get('/archives?mois=2026-03')).body,
    /<table>/,
    'this month is not in the archives',
  )
  t.notMatch((await visitor.get("/archives?mois='%20OR%201=1")).body, /<table>/)
})

t.test('nobody sees or changes the line of another', async t => {
  const { world, visitor } = await inside()
  await world.called('0611111111', world.clock.wall(), 10)
  const other = new Visitor(world)
  await other.logIn('0389000002', 'other secret')
  t.notMatch(text((await other.get('/journal')).body), /06 11 11 11 11/)
  await other.submit('messagerie', { renvoi: 'oui' })
  t.equal(world.profiles.of('0389000002').voicemailAlways, true)
  t.equal(world.profiles.of(user).voicemailAlways, false)
  t.match(text((await visitor.get('/journal')).body), /06 11 11 11 11/)
})

t.test('a form from elsewhere, or without its token, changes nothing', async t => {
  const { visitor, profile } = await inside()
  await visitor.get('/services')
  const fields = { renvoi: 'oui' }
  t.match(await visitor.post('/services/messagerie', { ...fields, jeton: '' }), { status: 403 })
  t.match(await visitor.post('/services/messagerie', { ...fields, jeton: '0'.repeat(32) }), { status: 403 })
  await visitor.get('/services')
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.test' },
    { 'sec-fetch-site': 'same-origin', origin: 'null' },
  ]
  for (const headers of foreign)
    t.match(
      await visitor.post('/services/messagerie', fields, headers),
      { status: 403 },
      JSON.stringify(headers),
    )
  t.equal(profile().voicemailAlways, false)
  await visitor.get('/services')
  t.match(await visitor.post('/services/messagerie', fields, { origin: 'http://portal' }), { status: 303 })
  t.equal(profile().voicemailAlways, true)
})

t.test('the login form is bound to the visit: nobody is logged in by a foreign page', async t => {
  const world = await openPortalWorld()
  const attacker = new Visitor(world)
  await attacker.get('/connexion')
  const victim = new Visitor(world)
  await victim.get('/connexion')
  const fields = { numero: user, passe: password, jeton: attacker.token }
  t.match(await victim.post('/connexion', fields), { status: 403, body: /expiré/ })
})

t.test('the password of the portal can be changed, and the line keeps its own', async t => {
  const { world, visitor } = await inside()
  const change = async (actuel: string, nouveau: string, encore = nouveau) => {
    await visitor.get('/mot-de-passe')
    return visitor.post('/mot-de-passe', { actuel, nouveau, encore })
  }
  t.match(await change(password, 'short'), { status: 422, body: /au moins/ })
  t.match(await change(password, 'long enough', 'long enouhg'), { status: 422, body: /différents/ })
  t.match(await change('guess', 'long enough'), { status: 422, body: /incorrect/ })
  t.match(await change(password, 'long enough'), { status: 303 })
  t.match(await new Visitor(world).logIn(), { status: 403 })
  t.match(await new Visitor(world).logIn(user, 'long enough'), { status: 303 })
  const [row] = await world.database.all('SELECT password FROM portal_account')
  t.match(row?.['password'], /^scrypt:/)
})

t.test('every page forbids scripts, frames and caches', async t => {
  const { visitor } = await inside()
  for (const url of ['/services', '/journal', '/archives', '/mot-de-passe', '/nowhere']) {
    const { headers, body } = await visitor.get(url)
    t.match(headers['Content-Security-Policy'], /default-src 'none'.*frame-ancestors 'none'/)
    t.equal(headers['Cache-Control'], 'no-store')
    t.equal(headers['X-Content-Type-Options'], 'nosniff')
    t.notMatch(body, /<script|style=|javascript:/i, url)
  }
  t.match(await visitor.get('/nowhere'), { status: 404 })
  t.match(await visitor.get('/style.css'), { status: 200, headers: { 'Content-Type': /css/ } })
})

t.test('whatever is typed into a form comes back as text', async t => {
  const { visitor } = await inside()
  const law = fc.asyncProperty(fc.string({ maxLength: 40 }), async typed => {
    const nasty = `"><script>'${typed}`
    const { body } = await visitor.submit('transfert', { permanent: 'oui', 'permanent-numero': nasty })
    return !body.includes('<script') && !body.includes(`">${"<script>'"}`)
  })
  await t.resolves(fc.assert(law, { numRuns: 100 }))
  t.equal(
    html`<p title="${'"\'<&>'}">${['<b>', html`<i>`]}</p>`.text,
    '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;<i></p>',
  )
})

t.test('whatever is asked, the portal answers and changes nothing it should not', async t => {
  const { visitor, profile } = await inside()
  const field = fc.constantFrom(
    'adresse',
    'renvoi',
    'secondes',
    'permanent',
    'permanent-numero',
    'jeton',
    'x',
  )
  const law = fc.asyncProperty(
    fc.constantFrom('mail', 'messagerie', 'sonneries', 'transfert', 'initial', '../x'),
    fc.dictionary(field, fc.string({ maxLength: 20 }), { maxKeys: 5 }),
    fc.webPath(),
    async (rubric, fields, path) => {
      const answered = await visitor.submit(rubric, fields)
      const shown = await visitor.get(`/${path.replace(/^\/+/, '')}`)
      const { ringSeconds, forwardAlways = '0612345678' } = profile()
      return (
        [303, 403, 404, 422].includes(answered.status) &&
        [200, 303, 404].includes(shown.status) &&
        ringSeconds % 5 === 0 &&
        /^\+?\d+$/.test(forwardAlways)
      )
    },
  )
  await t.resolves(fc.assert(law, { numRuns: 200 }))
})

t.test('months begin at midnight in Paris, through summer time and the turn of the year', t => {
  const paris = 'Europe/Paris'
  t.same(rangeOf('2026-03', paris), { from: Date.UTC(2026, 1, 28, 23), until: Date.UTC(2026, 2, 31, 22) })
  t.same(rangeOf('2026-12', paris), { from: Date.UTC(2026, 10, 30, 23), until: Date.UTC(2026, 11, 31, 23) })
  const law = fc.property(fc.integer({ min: Date.UTC(2001, 0), max: Date.UTC(2090, 0) }), wall => {
    const { from, until } = rangeOf(monthOf(wall, paris), paris)
    return from <= wall && wall < until && monthOf(from - 1, paris) !== monthOf(from, paris)
  })
  t.doesNotThrow(() => fc.assert(law))
  t.end()
})

t.test('prices: by kind and second, rounded up once; nobody answered, nothing to pay', t => {
  t.same(priceOf('0612345678', 60), { kind: 'mobile', cents: 10 })
  t.same(priceOf('0612345678', 1), { kind: 'mobile', cents: 1 })
  t.same(priceOf('0612345678', undefined), { kind: 'mobile', cents: 0 })
  for (const free of ['112', '17', '116000', '123', '0800123456', '*21*0612345678#'])
    t.equal(priceOf(free, 600).cents, 0, free)
  t.equal(euros(1234).replace(/\s/g, ' '), '12,34 €')
  t.equal(duration(3725), '1 h 02 min 05 s')
  t.end()
})

t.test('over HTTP: a page, a body too large, a path of nobody', async t => {
  const world = await openPortalWorld()
  const server = await openHttpServer(
    { address: '127.0.0.1', port: 0 },
    { network: new LinuxNetwork(), clock: new LinuxClock() },
    [world.portal],
  )
  t.teardown(() => server.close())
  const base = `http://127.0.0.1:${server.local.port}`
  const login = await fetch(`${base}/connexion`)
  t.equal(login.status, 200)
  t.match(await login.text(), /Mot de passe/)
  const head = await fetch(`${base}/connexion`, { method: 'HEAD' })
  t.equal(await head.text(), '')
  const large = await fetch(`${base}/connexion`, { method: 'POST', body: 'x'.repeat(70_000) }).catch(
    () => undefined,
  )
  t.ok(large === undefined || large.status === 413)
  t.equal((await fetch(`${base}/connexion`, { method: 'DELETE' })).status, 405)
})
