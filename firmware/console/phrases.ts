// What the console itself says, in both languages. Commands bring their own words.

import type { Translated } from './command.js'

const said = (en: string, fr: string): Translated => ({ en, fr })

export const phrases = {
  locked: said('voiceport console', 'Console voiceport'),
  password: said('Password: ', 'Mot de passe : '),
  enablePassword: said('Password for changes: ', 'Mot de passe pour modifier : '),
  welcome: (version: string, up: string) =>
    said(`voiceport ${version}, up ${up}. ? helps.`, `voiceport ${version}, actif ${up}. ? aide.`),
  closed: said(
    '% This console is shut: no secret is set ([console] viewSecretFile, enableSecretFile).',
    '% Console fermee : aucun secret defini ([console] viewSecretFile, enableSecretFile).',
  ),
  noViewSecret: said(
    '% Viewing has no secret of its own ([console] viewSecretFile): give that for changes.',
    '% Pas de secret de lecture ([console] viewSecretFile) : donnez celui de modification.',
  ),
  noEnableSecret: said(
    'Changes are shut: no secret is set ([console] enableSecretFile)',
    'Modification fermee : aucun secret defini ([console] enableSecretFile)',
  ),
  noSecretToChange: said(
    'Nothing changed: the configuration gives this level no secret ([console])',
    'Rien de change : la configuration ne donne pas de secret a ce niveau ([console])',
  ),
  notKept: said(
    'Nothing changed: it cannot be stored; see show log',
    "Rien de change : impossible de l'enregistrer ; voir show log",
  ),
  unreadable: said(
    'The file of the secret cannot be used; see the log of the box',
    'Le fichier du secret est inutilisable ; voir le journal de la box',
  ),
  wrong: said('Wrong password', 'Mot de passe errone'),
  wrongWait: (seconds: number) =>
    said(`Wrong password; wait ${seconds} s`, `Mot de passe errone ; attendez ${seconds} s`),
  wait: (seconds: number) => said(`Too early; wait ${seconds} s`, `Trop tot ; attendez ${seconds} s`),
  idle: (minutes: number) =>
    said(
      `% Logged out: nothing was typed for ${minutes} minutes.`,
      `% Deconnecte : rien n'a ete tape pendant ${minutes} minutes.`,
    ),
  needsEnable: said(
    'This changes something: type enable first',
    "Cette commande modifie : tapez d'abord enable",
  ),
  needsLogin: said('Log in first', "Connectez-vous d'abord"),
  lost: (count: number) =>
    said(`% ${count} characters typed ahead were lost.`, `% ${count} caracteres tapes d'avance perdus.`),
  tooLong: (most: number) =>
    said(`% Too long: at most ${most} characters`, `% Trop long : au plus ${most} caracteres`),
  dropped: (count: number) => said(`% ${count} lines dropped`, `% ${count} lignes perdues`),
  fault: said('A fault of the box; see show log', 'Defaut de la box ; voir show log'),
  notNow: said('Not in HIL mode: send {"login":"SECRET"}', 'Pas en mode HIL : envoyez {"login":"SECRET"}'),
  full: said('% Too many sessions.', '% Trop de sessions.'),
} as const
