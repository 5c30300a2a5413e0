// The way in: number and password of the line.

import { type Html, html } from './html.js'

export const loginPage = (filled: { readonly number: string; readonly csrf: string }): Html => html`
<section class="card login" aria-labelledby="titre">
  <h1 id="titre">Connexion</h1>
  <p class="quiet">Consultez vos appels et réglez les services de votre ligne.</p>
  <form method="post" action="/connexion">
    <input type="hidden" name="jeton" value="${filled.csrf}">
    <label for="numero">Numéro de votre ligne</label>
    <input id="numero" name="numero" value="${filled.number}" inputmode="tel" autocomplete="username" maxlength="32" required>
    <label for="passe">Mot de passe</label>
    <input id="passe" name="passe" type="password" autocomplete="current-password" maxlength="128" required>
    <button class="main">Me connecter</button>
  </form>
</section>`
