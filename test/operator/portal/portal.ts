// The subscriber's portal: which page a request means, who may see it, and what a form changes. Pages are made elsewhere.

import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { CallJournal } from '../call-journal.js'
import type { WebRequest, WebResponse } from '../http-server.js'
import { ProfileError, type Profiles } from '../profiles.js'
import type { Accounts } from './accounts.js'
import { archivesPage, journalPage } from './calls-page.js'
import { type Html, html } from './html.js'
import { type Frame, page, type Tab } from './layout.js'
import { createLogin, SESSION_COOKIE } from './login.js'
import { createLoginGuard } from './login-guard.js'
import { type Month, monthAfter, monthOf, rangeOf, readMonth } from './months.js'
import { passwordPage, SHORTEST_PASSWORD } from './password-page.js'
import { type Faults, type Filled, faultsOf, type Rubric, readForm, rubrics } from './service-forms.js'
import { servicesPage } from './services-page.js'
import { createSessions, type Session } from './sessions.js'
import { answer, cookieOf, formOf, isForeign, redirect, setCookie } from './web.js'

export interface PortalOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly accounts: Accounts
  readonly profiles: Profiles
  readonly journal: CallJournal
  readonly defaultAddressOf: (user: string) => string
  /** IANA name; months begin at its midnight. */
  readonly timeZone: string
}

export type Portal = (request: WebRequest) => Promise<WebResponse>

const file = (name: string): string =>
  readFileSync(new URL(`../../../../test/operator/portal/${name}`, import.meta.url), 'utf8')

const MONTHS_KEPT = 24

const done: Readonly<Record<string, string>> = {
  mail: 'Votre adresse de réception est enregistrée.',
  messagerie: 'Le renvoi sur la messagerie vocale est enregistré.',
  sonneries: 'Le nombre de sonneries est enregistré.',
  transfert: "Le transfert d'appel est enregistré.",
  initial: "Vos services sont revenus à l'état initial.",
  'mot-de-passe': 'Votre mot de passe est changé.',
}

const plainPage = (title: string, text: string): string =>
  page(
    { title },
    html`<h1>${title}</h1><p class="lead">${text}</p><p><a href="/services">Retour à mes services</a></p>`,
  )

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

export const createPortal = (options: PortalOptions): Portal => {
  const { clock, profiles, journal, accounts, timeZone } = options
  const sessions = createSessions(clock, options.entropy)
  const login = createLogin({ ...options, sessions })
  const passwordGuard = createLoginGuard(clock, 5)
  const assets = new Map([
    ['/style.css', { type: 'text/css; charset=utf-8', body: file('style.css') }],
    ['/icone.svg', { type: 'image/svg+xml', body: file('icone.svg') }],
  ])

  const inside = (session: Session, tab: Tab, title: string, body: Html, notice?: Frame['notice']): string =>
    page(
      {
        title,
        user: { number: session.user, csrf: session.csrf, tab },
        ...(notice === undefined ? {} : { notice }),
      },
      body,
    )

  const services = (
    session: Session,
    notice?: Frame['notice'],
    refused?: { rubric: Rubric; filled: Filled; faults: Faults },
  ): string =>
    inside(
      session,
      'services',
      'Mes services',
      servicesPage({
        profile: profiles.of(session.user),
        csrf: session.csrf,
        defaultAddress: options.defaultAddressOf(session.user),
        ...(refused === undefined ? {} : { refused }),
      }),
      notice,
    )

  const callsOf = (user: string, month: Month) => journal.calls({ payer: user, ...rangeOf(month, timeZone) })

  const journalTab = async (session: Session): Promise<string> => {
    const month = monthOf(clock.wall(), timeZone)
    const body = journalPage(await callsOf(session.user, month), month, timeZone)
    return inside(session, 'journal', "Mon journal d'appels", body)
  }

  const archivesTab = async (session: Session, wanted: string | null): Promise<string> => {
    const current = monthOf(clock.wall(), timeZone)
    const earliest = await journal.earliest(session.user)
    const first = earliest === undefined ? current : monthOf(earliest, timeZone)
    const months: Month[] = []
    for (let month = monthAfter(current, -1); month >= first && months.length < MONTHS_KEPT; )
      months.push(month) && (month = monthAfter(month, -1))
    const asked = readMonth(wanted ?? '')
    const chosen = asked !== undefined && months.includes(asked) ? asked : undefined
    const calls = chosen === undefined ? [] : await callsOf(session.user, chosen)
    return inside(session, 'archives', 'Mes archives', archivesPage({ months, chosen, calls, timeZone }))
  }

  const change = async (session: Session, rubric: Rubric, filled: Filled): Promise<WebResponse> => {
    const refuse = (faults: Faults): WebResponse => {
      const notice = { kind: 'fault', text: "Votre modification n'est pas enregistrée." } as const
      return answer(422, services(session, notice, { rubric, filled, faults }))
    }
    const address = (filled.get('adresse') ?? '').trim()
    // The address shown by default is not one of his own: it goes on following the line.
    const given =
      rubric === 'mail' && address === options.defaultAddressOf(session.user)
        ? new Map([...filled, ['adresse', '']])
        : filled
    const read = readForm(rubric, given, profiles.of(session.user))
    if (!read.ok) return refuse(read.faults)
    try {
      await profiles.change(session.user, read.patch, 'portal')
    } catch (error) {
      if (error instanceof ProfileError) return refuse(faultsOf(error))
      throw error
    }
    return redirect(`/services?fait=${rubric}`)
  }

  const changePassword = async (session: Session, filled: Filled): Promise<WebResponse> => {
    const [now = '', next = '', again = ''] = ['actuel', 'nouveau', 'encore'].map(name => filled.get(name))
    const faults: Record<string, string> = {}
    if (next.length < SHORTEST_PASSWORD)
      faults['nouveau'] = `Choisissez au moins ${SHORTEST_PASSWORD} caractères.`
    else if (next !== again) faults['encore'] = 'Les deux mots de passe sont différents.'
    else if (passwordGuard.attempt(session.user) > 0)
      faults['actuel'] = "Trop d'essais. Attendez quelques minutes."
    else if (!(await accounts.verify(session.user, now))) faults['actuel'] = 'Mot de passe incorrect.'
    if (Object.keys(faults).length > 0)
      return answer(
        422,
        inside(session, 'services', 'Mot de passe', passwordPage(session.user, session.csrf, faults)),
      )
    passwordGuard.succeeded(session.user)
    await accounts.setPassword(session.user, next)
    return redirect('/services?fait=mot-de-passe')
  }

  const show = async (session: Session, url: URL): Promise<WebResponse> => {
    switch (url.pathname) {
      case '/':
      case '/connexion':
        return redirect('/services')
      case '/services': {
        const text = done[url.searchParams.get('fait') ?? '']
        return answer(200, services(session, text === undefined ? undefined : { kind: 'done', text }))
      }
      case '/journal':
        return answer(200, await journalTab(session))
      case '/archives':
        return answer(200, await archivesTab(session, url.searchParams.get('mois')))
      case '/mot-de-passe':
        return answer(
          200,
          inside(session, 'services', 'Mot de passe', passwordPage(session.user, session.csrf)),
        )
      default:
        return answer(404, plainPage('Page introuvable', "Cette page n'existe pas."))
    }
  }

  const submit = async (
    session: Session,
    token: string,
    path: string,
    filled: Filled,
  ): Promise<WebResponse> => {
    if (!same(filled.get('jeton') ?? '', session.csrf))
      return answer(403, plainPage('Formulaire expiré', "Rien n'a été changé. Recommencez depuis la page."))
    const rubric = rubrics.find(name => path === `/services/${name}`)
    if (rubric !== undefined) return change(session, rubric, filled)
    if (path === '/mot-de-passe') return changePassword(session, filled)
    if (path === '/deconnexion') {
      sessions.close(token)
      return redirect('/connexion', setCookie(SESSION_COOKIE, ''))
    }
    return answer(404, plainPage('Page introuvable', "Cette page n'existe pas."))
  }

  const serve = async (request: WebRequest): Promise<WebResponse> => {
    const url = new URL(request.url, 'http://portal')
    const asset = assets.get(url.pathname)
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (!reading && request.method !== 'POST')
      return answer(405, plainPage('Refusé', 'Cette demande ne va pas ici.'), { Allow: 'GET, HEAD, POST' })
    if (asset !== undefined)
      return answer(200, asset.body, { 'Content-Type': asset.type, 'Cache-Control': 'max-age=300' })
    if (!reading && isForeign(request))
      return answer(403, plainPage('Refusé', 'Ce formulaire vient d’un autre site.'))
    const token = cookieOf(request, SESSION_COOKIE) ?? ''
    const session = sessions.of(token)
    if (session !== undefined && profiles.has(session.user))
      return reading ? show(session, url) : submit(session, token, url.pathname, formOf(request))
    if (url.pathname === '/connexion')
      return reading
        ? login.form(
            request,
            url.searchParams.has('expire') ? 'Votre session a expiré. Reconnectez-vous.' : undefined,
          )
        : login.submit(request)
    return redirect(token === '' ? '/connexion' : '/connexion?expire=1')
  }

  return async request => {
    try {
      return await serve(request)
    } catch {
      return answer(500, plainPage('Incident', "Votre demande n'a pas abouti. Rien n'a été changé."))
    }
  }
}
