// The tab "Mes services" (guide lines 11-13, 41-67, 89-123, 163-171): one form a rubric, each confirmed by itself.

import type { Profile } from '../profiles.js'
import { type Html, html } from './html.js'
import { inPairs } from './layout.js'
import { type Faults, type Filled, type Rubric, transfers } from './service-forms.js'

export interface ServicesView {
  readonly profile: Profile
  readonly csrf: string
  /** Where mail goes while the subscriber has given no address of his own. */
  readonly defaultAddress: string
  /** A form that was refused: shown as it was filled in. */
  readonly refused?: { readonly rubric: Rubric; readonly filled: Filled; readonly faults: Faults }
}

const SECONDS_A_RING = 5
const durations = [20, 25, 30, 35, 40, 45, 50, 55, 60]

const labels: Readonly<Record<(typeof transfers)[number]['name'], readonly [string, string]>> = {
  permanent: [
    'Transfert permanent',
    'Tous vos appels sont transférés aussitôt, même si votre modem est éteint.',
  ],
  'non-reponse': [
    'Transfert sur non-réponse',
    'Si vous ne répondez pas à temps (voir le nombre de sonneries).',
  ],
  occupation: ['Transfert sur occupation', 'Si vous êtes déjà en communication.'],
}

const checkbox = (id: string, name: string, checked: boolean, label: string, hint?: string): Html => html`
<label class="switch" for="${id}">
  <input type="checkbox" role="switch" id="${id}" name="${name}" value="oui"${checked && html` checked`}>
  <span><span class="name">${label}</span>${hint !== undefined && html`<span class="hint">${hint}</span>`}</span>
</label>`

const fault = (
  view: ServicesView,
  name: string,
): { note: Html | undefined; attributes: Html | undefined } => {
  const text = view.refused?.faults[name]
  if (text === undefined) return { note: undefined, attributes: undefined }
  return {
    note: html`<p class="fault" id="faute-${name}">${text}</p>`,
    attributes: html` aria-invalid="true" aria-describedby="faute-${name}" autofocus`,
  }
}

const rubric = (view: ServicesView, id: Rubric, title: string, body: Html): Html => html`
<section class="card" id="${id}" aria-labelledby="titre-${id}">
  <h2 id="titre-${id}">${title}</h2>
  <form method="post" action="/services/${id}" novalidate>
    <input type="hidden" name="jeton" value="${view.csrf}">
    ${body}
    ${fault(view, 'formulaire').note}
    <button class="main">Valider ma modification</button>
  </form>
</section>`

/** What a field shows: what was just filled in wrongly, else what is stored. */
const shown = (view: ServicesView, id: Rubric, name: string, stored: string): string =>
  view.refused?.rubric === id ? (view.refused.filled.get(name) ?? '') : stored
const ticked = (view: ServicesView, id: Rubric, name: string, stored: boolean): boolean =>
  view.refused?.rubric === id ? view.refused.filled.has(name) : stored

const mail = (view: ServicesView): Html => {
  const { note, attributes } = fault(view, 'adresse')
  const address = shown(view, 'mail', 'adresse', view.profile.mailAddress ?? view.defaultAddress)
  return rubric(
    view,
    'mail',
    'Mail de réception',
    html`<label for="adresse">Adresse e-mail</label>
    <input id="adresse" name="adresse" type="email" inputmode="email" autocomplete="email" maxlength="254" value="${address}"${attributes}>
    ${note}
    ${checkbox(
      'par-mail',
      'par-mail',
      ticked(view, 'mail', 'par-mail', view.profile.mailMessages),
      'Recevoir mes messages vocaux par e-mail',
      "L'enregistrement est joint. Le message reste aussi dans votre messagerie, au 123.",
    )}`,
  )
}

const voicemail = (view: ServicesView): Html =>
  rubric(
    view,
    'messagerie',
    'Renvoi sur votre messagerie vocale',
    checkbox(
      'renvoi',
      'renvoi',
      ticked(view, 'messagerie', 'renvoi', view.profile.voicemailAlways),
      'Renvoi permanent sur la messagerie vocale',
      'Votre téléphone ne sonne plus. Depuis votre téléphone\u00a0: *75# et #75#.',
    ),
  )

const rings = (view: ServicesView): Html => {
  const { note, attributes } = fault(view, 'secondes')
  const chosen = Number(shown(view, 'sonneries', 'secondes', String(view.profile.ringSeconds)))
  return rubric(
    view,
    'sonneries',
    'Nombre de sonneries de votre téléphone',
    html`<label for="secondes">Durée avant la messagerie ou le transfert</label>
    <select id="secondes" name="secondes"${attributes}>${durations.map(
      seconds =>
        html`<option value="${seconds}"${seconds === chosen && html` selected`}>${seconds} secondes (${
          seconds / SECONDS_A_RING
        } sonneries)</option>`,
    )}</select>
    ${note}`,
  )
}

const transfer = (view: ServicesView, { name, field }: (typeof transfers)[number]): Html => {
  const number = `${name}-numero`
  const stored = view.profile[field]
  const [label, hint] = labels[name]
  const { note, attributes } = fault(view, number)
  return html`<fieldset>
  <legend class="unseen">${label}</legend>
  ${checkbox(name, name, ticked(view, 'transfert', name, stored !== undefined), label, hint)}
  <label for="${number}">Numéro de téléphone <span class="hint">par exemple 06\u00a012\u00a034\u00a056\u00a078</span></label>
  <input id="${number}" name="${number}" type="tel" inputmode="tel" autocomplete="off" maxlength="30" value="${inPairs(
    shown(view, 'transfert', number, stored ?? ''),
  )}"${attributes}>
  ${note}
</fieldset>`
}

const forwarding = (view: ServicesView): Html =>
  rubric(
    view,
    'transfert',
    "Transfert d'appel",
    html`${transfers.map(one => transfer(view, one))}
    <p class="hint">Pour désactiver un transfert, décochez la case et effacez le numéro. L'appel transféré est à votre charge.</p>`,
  )

const reset = (view: ServicesView): Html => html`
<section class="card reset" id="initial" aria-labelledby="titre-initial">
  <h2 id="titre-initial">Retour à l'état initial</h2>
  <p>Rétablit une sonnerie de 20 secondes et désactive le masquage permanent de votre numéro, le renvoi sur la messagerie et les transferts d'appel.</p>
  ${view.profile.masking && html`<p class="quiet">Le masquage permanent de votre numéro est activé.</p>`}
  <form method="post" action="/services/initial">
    <input type="hidden" name="jeton" value="${view.csrf}">
    <button class="plain"><span aria-hidden="true">↺</span> Retour à l'état initial des services</button>
  </form>
</section>`

export const servicesPage = (view: ServicesView): Html => html`
<h1>Mes services</h1>
<div class="cards">
${mail(view)}
${voicemail(view)}
${rings(view)}
${forwarding(view)}
${reset(view)}
</div>`
