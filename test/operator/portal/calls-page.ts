// The tabs "Mon journal d'appels" (this month) and "Mes archives" (earlier ones): guide lines 137-141.

import type { CallReason, CallRecord } from '../call-journal.js'
import { type Html, html } from './html.js'
import { inPairs } from './layout.js'
import { type Month, monthName } from './months.js'
import { euros, priceOf } from './tariff.js'

const outcomes: Readonly<Record<CallReason, string>> = {
  answered: '',
  busy: 'occupé',
  'no-reply': 'sans réponse',
  cancelled: 'sans réponse',
  forwarded: 'transféré',
  unregistered: 'injoignable',
  'unknown-number': 'numéro non attribué',
  refused: 'refusé',
  failed: 'échec',
}

const secondsOf = ({ answer, end }: CallRecord): number | undefined =>
  answer === undefined || end === undefined ? undefined : Math.ceil((end - answer) / 1000)

/** "7 s", "2 min 05 s", "1 h 02 min 05 s". */
export const duration = (seconds: number): string => {
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(seconds % 60)} s`
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`
}

const length = (call: CallRecord): string => {
  const seconds = secondsOf(call)
  if (seconds !== undefined) return duration(seconds)
  return call.end === undefined ? 'en cours' : call.reason === undefined ? '' : outcomes[call.reason]
}

const row = (call: CallRecord, timeZone: string): Html => {
  const start = new Date(call.start)
  const price = priceOf(call.called, secondsOf(call))
  const day = start.toLocaleDateString('fr-FR', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  })
  const time = start.toLocaleTimeString('fr-FR', { hour: '2-digit', minute: '2-digit', timeZone })
  return html`<tr>
<td class="when"><time datetime="${start.toISOString()}">${day} <span class="quiet">${time}</span></time></td>
<td class="whom"><strong>${inPairs(call.called)}</strong> <span class="quiet">${
    call.forwardedBy === undefined ? price.kind : `${price.kind}, appel transféré`
  }</span></td>
<td class="length">${length(call)}</td>
<td class="price">${euros(price.cents)}</td>
</tr>`
}

export const callTable = (calls: readonly CallRecord[], caption: string, timeZone: string): Html => {
  if (calls.length === 0)
    return html`<p class="card empty">Aucun appel passé depuis votre ligne en ${caption}.</p>`
  const total = calls.reduce((sum, call) => sum + priceOf(call.called, secondsOf(call)).cents, 0)
  const talked = calls.reduce((sum, call) => sum + (secondsOf(call) ?? 0), 0)
  return html`<div class="card calls">
<table>
<caption>Appels – ${caption} <span class="quiet">prix non contractuels</span></caption>
<thead><tr><th scope="col">Date</th><th scope="col">Numéro appelé</th><th scope="col">Durée</th><th scope="col" class="price">Prix</th></tr></thead>
<tbody>${calls.map(call => row(call, timeZone))}</tbody>
<tfoot><tr><th scope="row" colspan="2">Total\u00a0: ${calls.length} ${calls.length > 1 ? 'appels' : 'appel'}</th><td class="length">${duration(
    talked,
  )}</td><td class="price">${euros(total)}</td></tr></tfoot>
</table>
</div>
<p class="hint">Les prix sont donnés à titre indicatif\u00a0: cette valorisation est non contractuelle, seule votre facture fait foi.</p>`
}

export const journalPage = (calls: readonly CallRecord[], month: Month, timeZone: string): Html => html`
<h1>Mon journal d'appels</h1>
<p class="lead">Vos appels du mois en cours. Les mois précédents sont dans <a href="/archives">Mes archives</a>.</p>
${callTable(calls, monthName(month), timeZone)}`

export const archivesPage = (view: {
  readonly months: readonly Month[]
  readonly chosen: Month | undefined
  readonly calls: readonly CallRecord[]
  readonly timeZone: string
}): Html => html`
<h1>Mes archives</h1>
${
  view.months.length === 0
    ? html`<p class="card empty">Vous n'avez pas encore d'archives\u00a0: elles commencent le mois prochain.</p>`
    : html`<form class="choose" method="get" action="/archives">
  <label for="mois">Mois à consulter</label>
  <div class="row"><select id="mois" name="mois">${view.months.map(
    month =>
      html`<option value="${month}"${month === view.chosen && html` selected`}>${monthName(month)}</option>`,
  )}</select>
  <button class="main">Consulter</button></div>
</form>`
}
${view.chosen !== undefined && callTable(view.calls, monthName(view.chosen), view.timeZone)}`
