// What all pages of the portal have in common: head, tabs, notice. French, without scripts.

import { type Html, html } from './html.js'

export interface Frame {
  readonly title: string
  /** Absent on the login page. */
  readonly user?: { readonly number: string; readonly csrf: string; readonly tab: Tab }
  readonly notice?: { readonly kind: 'done' | 'fault'; readonly text: string }
}

export type Tab = 'services' | 'journal' | 'archives'

const tabs: readonly { readonly tab: Tab; readonly label: string }[] = [
  { tab: 'services', label: 'Mes services' },
  { tab: 'journal', label: "Mon journal d'appels" },
  { tab: 'archives', label: 'Mes archives' },
]

/** "03 89 00 00 02"; other numbers as they are. */
export const inPairs = (number: string): string =>
  /^0\d{9}$/.test(number) ? (number.match(/../g)?.join('\u00a0') as string) : number

const head = (user: NonNullable<Frame['user']>): Html => html`
<div class="line">
  <p><span class="quiet">Ligne</span> <strong>${inPairs(user.number)}</strong></p>
  <form method="post" action="/deconnexion">
    <input type="hidden" name="jeton" value="${user.csrf}">
    <button class="link">Se déconnecter</button>
  </form>
</div>
<nav aria-label="Rubriques">
  <ul>${tabs.map(
    ({ tab, label }) =>
      html`<li><a href="/${tab}"${user.tab === tab && html` aria-current="page"`}>${label}</a></li>`,
  )}</ul>
</nav>`

export const page = (frame: Frame, body: Html): string =>
  html`<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title} – Ma ligne téléphonique</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icone.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#contenu">Aller au contenu</a>
<header>
  <div class="wrap">
    <p class="brand"><img src="/icone.svg" alt="" width="36" height="36"> Ma ligne téléphonique</p>
    ${frame.user === undefined ? undefined : head(frame.user)}
  </div>
</header>
<main id="contenu" class="wrap">
${
  frame.notice === undefined
    ? undefined
    : html`<p class="notice ${frame.notice.kind}" role="${frame.notice.kind === 'done' ? 'status' : 'alert'}">${frame.notice.text}</p>`
}
${body}
</main>
<footer class="wrap">
  <span>Opérateur de référence du banc d'essai</span>
  ${frame.user && html`<a href="/mot-de-passe">Changer mon mot de passe</a>`}
</footer>
</body>
</html>
`.text
