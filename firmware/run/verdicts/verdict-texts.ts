// The sentences of the verdicts, in English and French: what is so, and what to do. {names} are filled from the values of the
// verdict. One table; a test holds every value that a sentence names to be given by whoever gives the verdict.

import { hardwareTexts } from './hardware-texts.js'
import { orderTexts } from './order-texts.js'
import type { Verdict, VerdictText } from './verdict.js'

export type VerdictLanguage = 'en' | 'fr'

interface Sentences {
  readonly en: readonly [says: string, todo: string]
  readonly fr: readonly [says: string, todo: string]
}

export const verdictTexts = {
  ...hardwareTexts,
  ...orderTexts,
  'chip-gone': {
    en: ['The line chip does not answer.', 'Restart the box; if it stays so, replace the box.'],
    fr: ['Le circuit de ligne ne répond pas.', "Redémarrer le boîtier ; si cela dure, l'échanger."],
  },
  'no-supply': {
    en: [
      'The line has no supply{measured}: no ring voltage can be made and nobody can talk.',
      'Check the power supply of the box; if it is good, replace the box.',
    ],
    fr: [
      "La ligne n'est plus alimentée{measured} : ni tension de sonnerie ni conversation possibles.",
      "Vérifier l'alimentation du boîtier ; si elle est bonne, échanger le boîtier.",
    ],
  },
  'too-hot': {
    en: [
      'The line driver is too hot and has switched off.',
      'Unplug the telephone, let the box cool, free its vents.',
    ],
    fr: [
      "L'étage de ligne est trop chaud et s'est coupé.",
      'Débrancher le téléphone, laisser refroidir, dégager les ouïes.',
    ],
  },
  short: {
    en: [
      'Short circuit between the two wires{measured}.',
      'Unplug the telephone: if the fault goes, replace telephone or cord; if not, look for it in the wiring.',
    ],
    fr: [
      'Court-circuit entre les deux fils{measured}.',
      "Débrancher le téléphone : si le défaut disparaît, changer téléphone ou cordon ; sinon, chercher dans l'installation.",
    ],
  },
  ground: {
    en: [
      'One wire of the line touches earth{measured}.',
      'Unplug the telephone: if the fault goes, replace telephone or cord; if not, look for damp or damage in the wiring.',
    ],
    fr: [
      'Un fil de la ligne touche la terre{measured}.',
      "Débrancher le téléphone : si le défaut disparaît, changer téléphone ou cordon ; sinon, chercher humidité ou blessure dans l'installation.",
    ],
  },
  'foreign-voltage': {
    en: [
      'There is foreign voltage on the line ({volts} V).',
      'Unplug the wiring of the house at once; do not touch the wires.',
    ],
    fr: [
      'Tension étrangère sur la ligne ({volts} V).',
      "Débrancher l'installation de la maison ; ne pas toucher aux fils.",
    ],
  },
  insulation: {
    en: ['The insulation of the line is poor ({kiloohms} kOhm).', 'Look for damp sockets and damaged cable.'],
    fr: ["L'isolement de la ligne est mauvais ({kiloohms} kOhm).", 'Chercher prises humides et câble abîmé.'],
  },
  'left-off-hook': {
    en: [
      'The telephone was left off the hook{measured}.',
      'Hang it up; look for a second telephone on the same line.',
    ],
    fr: [
      'Le téléphone est resté décroché{measured}.',
      'Le raccrocher ; chercher un second poste sur la même ligne.',
    ],
  },
  'no-bell': {
    en: [
      'Nothing that rings is connected ({ren} REN): no telephone, or its bell is off.',
      'Plug the telephone in, turn its ringer on; check the cord.',
    ],
    fr: [
      "Rien qui sonne n'est branché ({ren} REN) : pas de téléphone, ou sonnerie coupée.",
      'Brancher le téléphone, activer sa sonnerie ; vérifier le cordon.',
    ],
  },
  'too-many-bells': {
    en: ['Too many bells hang on the line ({ren} REN, 5 at most).', 'Unplug telephones or switch bells off.'],
    fr: [
      'Trop de sonneries sur la ligne ({ren} REN, 5 au plus).',
      'Débrancher des postes ou couper des sonneries.',
    ],
  },
  'no-account': {
    en: [
      'This line has no account with the operator.',
      'Give it one; emergency numbers are tried all the same.',
    ],
    fr: [
      "Cette ligne n'a pas de compte chez l'opérateur.",
      "Lui en donner un ; les numéros d'urgence partent quand même.",
    ],
  },
  'no-name-server': {
    en: [
      'The name server does not answer, so the address of {domain} is not known.',
      'Check the network of the box: cable, address, DNS.',
    ],
    fr: [
      "Le serveur de noms (DNS) ne répond pas : l'adresse de {domain} est inconnue.",
      'Vérifier le réseau du boîtier : câble, adresse, DNS.',
    ],
  },
  'no-such-name': {
    en: ['The name server does not know the proxies of {domain}.', 'Check the names in domain and proxies.'],
    fr: [
      'Le serveur de noms ne connaît pas les proxys de {domain}.',
      'Vérifier les noms dans domain et proxies.',
    ],
  },
  'password-refused': {
    en: [
      'The operator refuses the password of {address} ({status} {reason}).',
      'Enter the password anew; check the user name of the digest; then ask whether the account is barred.',
    ],
    fr: [
      "L'opérateur refuse le mot de passe de {address} ({status} {reason}).",
      "Saisir de nouveau le mot de passe ; vérifier l'identifiant ; puis demander si le compte est suspendu.",
    ],
  },
  'account-forbidden': {
    en: [
      'The operator forbids the account {address} to register ({status} {reason}).',
      'Barred, not open yet, or its password was changed at the operator: ask there.',
    ],
    fr: [
      "L'opérateur interdit l'enregistrement de {address} ({status} {reason}).",
      "Suspendu, pas encore ouvert, ou mot de passe changé : s'adresser à l'opérateur.",
    ],
  },
  'account-unknown': {
    en: [
      'The operator does not know {address} ({status} {reason}).',
      'Check user and domain of the account.',
    ],
    fr: ["L'opérateur ne connaît pas {address} ({status} {reason}).", 'Vérifier user et domain du compte.'],
  },
  'operator-silent': {
    en: [
      'The operator does not answer at {proxies}.',
      'Check the access to the network and the address of the proxy; a firewall may drop SIP.',
    ],
    fr: [
      "L'opérateur ne répond pas à {proxies}.",
      "Vérifier l'accès au réseau et l'adresse du proxy ; un pare-feu bloque peut-être SIP.",
    ],
  },
  'operator-refuses': {
    en: [
      'The operator refuses to register {address}: {status} {reason}.',
      'Wait for the next try; then ask the operator.',
    ],
    fr: [
      "L'opérateur refuse d'enregistrer {address} : {status} {reason}.",
      "Attendre le prochain essai ; puis s'adresser à l'opérateur.",
    ],
  },
  'not-registered': {
    en: ['The line is not registered yet.', 'Wait a few seconds and look again.'],
    fr: ["La ligne n'est pas encore enregistrée.", 'Attendre quelques secondes et regarder de nouveau.'],
  },
  'refresh-failed': {
    en: [
      'The line is registered, but the last refresh failed ({status} {reason}).',
      'The binding stands until it runs out; look again after the next try.',
    ],
    fr: [
      'La ligne est enregistrée, mais le dernier renouvellement a échoué ({status} {reason}).',
      "L'enregistrement tient jusqu'à son terme ; regarder après le prochain essai.",
    ],
  },
  'disk-full': {
    en: [
      'The disk of the store is full: nothing that is changed can be kept.',
      'Free some space on it, then repeat the change.',
    ],
    fr: [
      "Le disque de la base est plein : aucun changement n'est gardé.",
      'Y faire de la place, puis refaire le changement.',
    ],
  },
  'no-store': {
    en: [
      'The store cannot be opened: numbers are withheld and settings are not kept.',
      'Check its path and rights; see the log.',
    ],
    fr: [
      "La base ne s'ouvre pas : numéros masqués, réglages non gardés.",
      'Vérifier son chemin et ses droits ; voir le journal.',
    ],
  },
  'store-failed': {
    en: ['The last change could not be stored.', 'Look at the disk of the store, then repeat the change.'],
    fr: [
      "Le dernier changement n'a pas pu être enregistré.",
      'Examiner le disque de la base, puis refaire le changement.',
    ],
  },
  'clock-wrong': {
    en: [
      'The clock of the box is wrong: it says {time} UTC.',
      'Check that it reaches a time server; displays and logs carry wrong dates until then.',
    ],
    fr: [
      "L'horloge du boîtier est fausse : elle indique {time} UTC.",
      "Vérifier l'accès à un serveur de temps ; d'ici là, afficheurs et journaux sont mal datés.",
    ],
  },
  'clock-jumped': {
    en: [
      'The clock of the box has jumped by {seconds}.',
      'Once after the start is normal; more often, look at the time server.',
    ],
    fr: [
      "L'horloge du boîtier a sauté de {seconds}.",
      'Une fois après le démarrage, rien à faire ; plus souvent, voir le serveur de temps.',
    ],
  },
  'nothing-received': {
    en: [
      'One-way audio: {sent} packets sent to the far end, {received} came back.',
      'Ask for the RTP way from the operator to the box: firewall, NAT, ports of [media].',
    ],
    fr: [
      'Audio à sens unique : {sent} paquets émis, {received} reçus.',
      "Voir le chemin RTP de l'opérateur vers le boîtier : pare-feu, NAT, ports de [media].",
    ],
  },
  'nothing-sent': {
    en: [
      'One-way audio: {received} packets came from the far end, {sent} were sent.',
      'Look at the route to the far end and at the direction that was agreed on (show calls last).',
    ],
    fr: [
      'Audio à sens unique : {received} paquets reçus, {sent} émis.',
      'Voir la route vers le correspondant et le sens négocié (show calls last).',
    ],
  },
  'no-audio': {
    en: [
      'No audio packet went either way in the last call.',
      'Look at what was agreed on (show calls last) and at [media].',
    ],
    fr: [
      'Aucun paquet audio dans le dernier appel.',
      'Voir ce qui fut négocié (show calls last) et [media].',
    ],
  },
  'packets-lost': {
    en: [
      '{percent} % of the audio packets of the last call were lost.',
      'Look at the access line and at other traffic on it.',
    ],
    fr: [
      '{percent} % des paquets audio du dernier appel sont perdus.',
      "Voir la ligne d'accès et le trafic qui la charge.",
    ],
  },
  jitter: {
    en: [
      'Audio packets arrive unevenly (jitter {jitter} ms).',
      'Look at other traffic on the access line, and at Wi-Fi.',
    ],
    fr: [
      'Les paquets audio arrivent irrégulièrement (gigue {jitter} ms).',
      "Voir le trafic sur la ligne d'accès, et le Wi-Fi.",
    ],
  },
  'media-gone': {
    en: [
      'A call was ended because nothing was heard either way for a minute.',
      'Ask the operator about the media of that call.',
    ],
    fr: [
      "Un appel fut coupé : plus d'audio depuis une minute.",
      "Interroger l'opérateur sur l'audio de cet appel.",
    ],
  },
  'flash-short': {
    en: [
      'R presses of this telephone last {median} ms: too short, {least} ms are needed.',
      'Set the telephone to a longer R (often "270 ms", "France" or "Europe"), or lower hook.flashMs.',
    ],
    fr: [
      'La touche R de ce téléphone dure {median} ms : trop court, il faut {least} ms.',
      'Régler le téléphone sur un R plus long (souvent « 270 ms » ou « France »), ou baisser hook.flashMs.',
    ],
  },
  'flash-long': {
    en: [
      'R presses of this telephone last {median} ms: longer than {most} ms, so they hang up.',
      'Set the telephone to a shorter R (often "270 ms", "France" or "Europe"), or raise hook.flashMs.',
    ],
    fr: [
      'La touche R de ce téléphone dure {median} ms : plus que {most} ms, elle raccroche.',
      'Régler le téléphone sur un R plus court (souvent « 270 ms » ou « France »), ou relever hook.flashMs.',
    ],
  },
  'flash-uneven': {
    en: [
      'R presses of this telephone last {shortest} to {longest} ms: {outside} of {count} are outside the window.',
      'Press R shortly, or set a fixed R time in the telephone.',
    ],
    fr: [
      'La touche R dure de {shortest} à {longest} ms : {outside} sur {count} hors fenêtre.',
      'Appuyer brièvement sur R, ou régler une durée fixe dans le téléphone.',
    ],
  },
  'flash-inside': {
    en: ['R presses of this telephone last {median} ms: inside the window.', ''],
    fr: ['La touche R de ce téléphone dure {median} ms : dans la fenêtre.', ''],
  },
  'flash-never': {
    en: ['R has not been pressed in a call since the box started.', 'Press R in a call, then look again.'],
    fr: [
      "R n'a pas été pressée en communication depuis le démarrage.",
      'Appuyer sur R pendant un appel, puis regarder.',
    ],
  },
  'audio-frames-lost': {
    en: ['The box lost audio ({detail}).', 'Look at its load; if it repeats, send a support bundle.'],
    fr: [
      "Le boîtier a perdu de l'audio ({detail}).",
      "Voir sa charge ; si cela se répète, envoyer un rapport d'assistance.",
    ],
  },
  'hook-storm': {
    en: [
      'The hook contact chatters: more than a hundred edges in a second.',
      'Replace telephone or cord; look for loose wires.',
    ],
    fr: [
      'Le contact du crochet crépite : plus de cent fronts par seconde.',
      'Changer téléphone ou cordon ; voir les fils desserrés.',
    ],
  },
  'code-refused': {
    en: ['The network refused the code {code} ({status}).', 'Check the code with the operator.'],
    fr: ['Le réseau a refusé le code {code} ({status}).', "Vérifier le code auprès de l'opérateur."],
  },
  'line-ready': {
    en: ['Line ready: {address} is registered, the telephone is on the hook.', ''],
    fr: ['Ligne prête : {address} est enregistré, le combiné est raccroché.', ''],
  },
  'line-in-use': {
    en: ['Line in order: {address} is registered, the telephone is in use ({situation}).', ''],
    fr: ['Ligne en ordre : {address} est enregistré, le téléphone sert ({situation}).', ''],
  },
  'line-sound': {
    en: ['The line is sound: no foreign voltage, no leak{bells}.', ''],
    fr: ['La ligne est saine : ni tension étrangère ni fuite{bells}.', ''],
  },
  rang: {
    en: ['The telephone was rung {bursts} times{bells}.', 'If it was not heard, turn its ringer on.'],
    fr: ['Le téléphone a été sonné {bursts} fois{bells}.', "S'il n'a pas été entendu, activer sa sonnerie."],
  },
  'ring-answered': {
    en: ['The telephone rang and was lifted: ringing and ring trip work.', ''],
    fr: ['Le téléphone a sonné et fut décroché : sonnerie et détection fonctionnent.', ''],
  },
  'ring-refused': {
    en: ['The line chip refused to ring: {reason}.', 'Test the line (test line).'],
    fr: ['Le circuit de ligne refuse de sonner : {reason}.', 'Tester la ligne (test line).'],
  },
  'tone-played': {
    en: [
      'The tone {tone} was played to the telephone for {seconds} s.',
      'If it was not heard, replace the telephone.',
    ],
    fr: [
      'La tonalité {tone} fut jouée pendant {seconds} s.',
      "Si elle n'a pas été entendue, changer le téléphone.",
    ],
  },
  'keys-good': {
    en: ['All {count} keys were heard, level and twist in order.', ''],
    fr: ['Les {count} touches furent entendues, niveau et écart corrects.', ''],
  },
  'keys-missing': {
    en: [
      'Not heard: {missing}.',
      'Press these keys again, longer; if they stay unheard, replace the telephone.',
    ],
    fr: ['Non entendues : {missing}.', 'Presser ces touches plus longtemps ; sinon, changer le téléphone.'],
  },
  'keys-weak': {
    en: [
      'Heard, but weak or uneven: {keys}.',
      'A long or damp cord, a second telephone lifted, or a worn keypad.',
    ],
    fr: [
      'Entendues, mais faibles ou inégales : {keys}.',
      'Cordon long ou humide, second poste décroché, ou clavier usé.',
    ],
  },
  'no-keys': {
    en: ['No key was heard at all.', 'Is the telephone set to pulse dialling? Set it to tones (DTMF).'],
    fr: [
      "Aucune touche n'a été entendue.",
      'Téléphone en numérotation décimale ? Le régler en fréquences vocales.',
    ],
  },
  'loopback-good': {
    en: ['The audio way from the box to the line chip and back is whole ({loss} dB).', ''],
    fr: ['Le chemin audio du boîtier au circuit de ligne est entier ({loss} dB).', ''],
  },
  'loopback-bad': {
    en: [
      'Nothing comes back from the line chip: the audio way is cut ({loss} dB).',
      'Restart the box; if it stays so, replace it.',
    ],
    fr: [
      'Rien ne revient du circuit de ligne : chemin audio coupé ({loss} dB).',
      "Redémarrer le boîtier ; si cela dure, l'échanger.",
    ],
  },
  'call-good': {
    en: ['The call was answered after {seconds} s; {sent} packets went, {received} came.', ''],
    fr: ["L'appel eut réponse après {seconds} s ; {sent} paquets émis, {received} reçus.", ''],
  },
  'call-silent': {
    en: [
      'The call was answered, but no audio came back ({sent} packets sent).',
      'Ask for the RTP way from the operator to the box: firewall, NAT, ports of [media].',
    ],
    fr: [
      "L'appel eut réponse, mais aucun audio n'est revenu ({sent} paquets émis).",
      "Voir le chemin RTP de l'opérateur vers le boîtier : pare-feu, NAT, ports de [media].",
    ],
  },
  'call-refused': {
    en: [
      'The operator refused the call ({status} {reason}).',
      'Try a number that surely answers; then ask the operator.',
    ],
    fr: [
      "L'opérateur a refusé l'appel ({status} {reason}).",
      "Essayer un numéro sûr ; puis s'adresser à l'opérateur.",
    ],
  },
  'call-unanswered': {
    en: ['The call rang for {seconds} s and nobody answered.', 'Try a number that answers by itself.'],
    fr: ["L'appel a sonné {seconds} s sans réponse.", 'Essayer un numéro qui décroche seul.'],
  },
  'registered-now': {
    en: ['The operator has just registered {address}.', ''],
    fr: ["L'opérateur vient d'enregistrer {address}.", ''],
  },
  'test-stopped': {
    en: ['The test was stopped: the telephone is wanted.', 'Repeat it when the line is idle.'],
    fr: ['Essai interrompu : le téléphone est demandé.', 'Le refaire quand la ligne est libre.'],
  },
  'test-failed': {
    en: ['The line chip could not do the test: {reason}.', 'Look at show line.'],
    fr: ["Le circuit de ligne n'a pas pu faire l'essai : {reason}.", 'Voir show line.'],
  },
  'no-such-line': {
    en: ['The box has no such line.', 'show line names them.'],
    fr: ["Le boîtier n'a pas cette ligne.", 'show line les nomme.'],
  },
} as const satisfies Record<string, Sentences>

/** Total: a value that is missing is shown as "?". */
export const verdictText = ({ id, values }: Verdict, language: VerdictLanguage): VerdictText => {
  const [says, todo] = verdictTexts[id][language]
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : '?',
    )
  return { says: fill(says), todo: fill(todo) }
}
