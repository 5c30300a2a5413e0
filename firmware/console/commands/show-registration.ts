// show registration: whether the operator knows each line, what it said when it refused, and what that means.

import { concludeRegistration } from '../../run/verdicts/judge.js'
import { answer, type Command, type Language } from '../command.js'
import type { LineFacts } from '../console-box.js'
import { duration, tableRows } from '../pages.js'
import { verdictData, verdictRows } from './diagnosis/conclude.js'

export const showRegistrationCommand: Command = {
  words: ['show', 'registration'],
  help: { en: 'Registration of each line with the operator', fr: "Enregistrement chez l'operateur" },
  level: 'view',
  run: async ({ box }) => {
    const [lines, facts] = await Promise.all([box.lines(), box.diagnosis.facts()])
    const verdicts = concludeRegistration(facts)
    const registered = lines.every(line => line.user === undefined || line.registration === 'registered')
    return answer(
      {
        lines: lines.map(({ situation: _, lastFlashMs: __, ...line }) => ({ ...line })),
        verdicts: verdictData(verdicts),
      },
      language => [...lines.flatMap(line => linesOf(line, language)), ...verdictRows(verdicts, language)],
      registered,
    )
  },
}

const states = {
  en: {
    registered: 'registered',
    registering: 'registering',
    unregistered: 'not registered',
    refused: 'refused',
    noAccount: 'no account: no-service tone, emergency calls are still tried',
    since: 'for',
    next: 'again in',
    answer: 'answer',
    proxy: 'proxy',
    dns: 'from DNS',
  },
  fr: {
    registered: 'enregistre',
    registering: 'enregistrement en cours',
    unregistered: 'non enregistre',
    refused: 'refuse',
    noAccount: "pas de compte : tonalite hors service, l'urgence est tentee",
    since: 'depuis',
    next: 'encore dans',
    answer: 'reponse',
    proxy: 'proxy',
    dns: 'par DNS',
  },
} as const

const linesOf = (facts: LineFacts, language: Language): readonly string[] => {
  const words = states[language]
  const { line, user, domain, registration, registrationSeconds, nextSeconds, status, reason } = facts
  if (user === undefined) return [`${line}  ${words.noAccount}`]
  const known = Object.hasOwn(words, registration)
  const state = known ? words[registration as 'registered'] : registration
  const since = registrationSeconds === undefined ? '' : `, ${words.since} ${duration(registrationSeconds)}`
  const rows: (readonly string[])[] = []
  if (status !== undefined) rows.push([words.answer, `${status}${reason === undefined ? '' : ` ${reason}`}`])
  if (nextSeconds !== undefined) rows.push([words.next, duration(nextSeconds)])
  rows.push([words.proxy, facts.proxies.length === 0 ? words.dns : facts.proxies.join(' ')])
  return [`${line}  sip:${user}@${domain ?? ''}  ${state}${since}`, ...tableRows(rows)]
}
