// Requests and answers of the portal as plain data, so that tests need no socket; cookies, forms and the headers that
// keep a page to itself.

import type { WebRequest, WebResponse } from '../http-server.js'

/** No script, no foreign content, no frame around it, nothing kept in a shared cache. */
const guarded: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

export const answer = (
  status: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): WebResponse => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8', ...guarded, ...more },
  body,
})

/** 303: the browser asks again with GET, so that reloading sends no form twice. */
export const redirect = (location: string, more: Readonly<Record<string, string>> = {}): WebResponse =>
  answer(303, '', { Location: location, ...more })

export const cookieOf = (request: WebRequest, name: string): string | undefined =>
  (request.headers['cookie'] ?? '')
    .split(';')
    .map(pair => pair.trim().split('='))
    .find(([key]) => key === name)?.[1]

/** Out of reach for scripts, and not sent along when another site posts here. Empty: deleted. */
export const setCookie = (name: string, value: string): Readonly<Record<string, string>> => ({
  'Set-Cookie': `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${value === '' ? '; Max-Age=0' : ''}`,
})

/** Fields of a posted form; the first of each name counts. */
export const formOf = (request: WebRequest): ReadonlyMap<string, string> => {
  const type = request.headers['content-type'] ?? ''
  const fields = new Map<string, string>()
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return fields
  for (const [name, value] of new URLSearchParams(request.body))
    if (!fields.has(name)) fields.set(name, value)
  return fields
}

/** True when a browser says that the form comes from another site. */
export const isForeign = (request: WebRequest): boolean => {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined || origin === 'null') return origin === 'null'
  try {
    return new URL(origin).host !== host
  } catch {
    return true
  }
}
