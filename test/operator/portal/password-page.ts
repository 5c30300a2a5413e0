// Another password for the portal.

import { type Html, html } from './html.js'
import type { Faults } from './service-forms.js'

export const SHORTEST_PASSWORD = 10

const field = (name: string, label: string, complete: string, faults: Faults): Html => {
  const text = faults[name]
  return html`<label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="password" autocomplete="${complete}" maxlength="128" required${
    text !== undefined && html` aria-invalid="true" aria-describedby="faute-${name}" autofocus`
  }>
  ${text !== undefined && html`<p class="fault" id="faute-${name}">${text}</p>`}`
}

/** The number goes along unseen for password managers. */
export const passwordPage = (number: string, csrf: string, faults: Faults = {}): Html => html`
<section class="card login" aria-labelledby="titre">
  <h1 id="titre">Mot de passe du portail</h1>
  <form method="post" action="/mot-de-passe" novalidate>
    <input type="hidden" name="jeton" value="${csrf}">
    <input type="text" name="numero" value="${number}" autocomplete="username" hidden>
    ${field('actuel', 'Mot de passe actuel', 'current-password', faults)}
    ${field('nouveau', `Nouveau mot de passe (${SHORTEST_PASSWORD} caractères au moins)`, 'new-password', faults)}
    ${field('encore', 'Nouveau mot de passe, une seconde fois', 'new-password', faults)}
    <button class="main">Changer mon mot de passe</button>
  </form>
</section>`
