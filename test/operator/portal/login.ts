// Logging in and out of the portal. The form carries a token bound to a cookie of the visit, so that nobody can be logged
// in by a foreign page; wrong passwords make a number, and an address, wait.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { WebRequest, WebResponse } from '../http-server.js'
import type { Accounts } from './accounts.js'
import { page } from './layout.js'
import { createLoginGuard } from './login-guard.js'
import { loginPage } from './login-page.js'
import type { Sessions } from './sessions.js'
import { answer, cookieOf, formOf, redirect, setCookie } from './web.js'

export const SESSION_COOKIE = 'session'
const VISIT_COOKIE = 'visite'

const FREE_FOR_NUMBER = 3
/** Many homes may stand behind one address. */
const FREE_FOR_ADDRESS = 20

export interface Login {
  form(request: WebRequest, notice?: string): WebResponse
  submit(request: WebRequest): Promise<WebResponse>
}

export const createLogin = (options: {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly accounts: Accounts
  readonly sessions: Sessions
}): Login => {
  const { clock, entropy, accounts, sessions } = options
  const secret = entropy.hex(32)
  const numbers = createLoginGuard(clock, FREE_FOR_NUMBER)
  const addresses = createLoginGuard(clock, FREE_FOR_ADDRESS)
  const tokenOf = (visit: string): string => createHmac('sha256', secret).update(visit).digest('hex')
  const belongs = (token: string, visit: string): boolean => {
    const wanted = Buffer.from(tokenOf(visit))
    const given = Buffer.from(token)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  const show = (request: WebRequest, status: number, number: string, fault?: string): WebResponse => {
    const visit = cookieOf(request, VISIT_COOKIE) ?? entropy.hex(16)
    const text = page(
      { title: 'Connexion', ...(fault === undefined ? {} : { notice: { kind: 'fault', text: fault } }) },
      loginPage({ number, csrf: tokenOf(visit) }),
    )
    return answer(status, text, setCookie(VISIT_COOKIE, visit))
  }

  return {
    form: (request, notice) => show(request, 200, '', notice),
    submit: async request => {
      const form = formOf(request)
      const number = (form.get('numero') ?? '').replace(/[\s.\-\u00a0]/g, '').slice(0, 32)
      const visit = cookieOf(request, VISIT_COOKIE)
      if (visit === undefined || !belongs(form.get('jeton') ?? '', visit))
        return show(request, 403, number, 'Le formulaire a expiré. Recommencez.')
      const wait = Math.max(addresses.attempt(request.address), numbers.attempt(number))
      if (wait > 0) {
        const text = wait > 90 ? `${Math.ceil(wait / 60)} minutes` : `${wait} secondes`
        return show(request, 429, number, `Trop d'essais. Attendez ${text} avant de recommencer.`)
      }
      if (!(await accounts.verify(number, form.get('passe') ?? '')))
        return show(request, 403, number, 'Numéro ou mot de passe incorrect.')
      numbers.succeeded(number)
      addresses.succeeded(request.address)
      // A fresh token: one from before the login opens nothing.
      return redirect('/services', setCookie(SESSION_COOKIE, sessions.open(number)))
    },
  }
}
