// Every fixed sentence of the operator's own services, and the words that numbers and times are put together from. The
// voicemail's are in voicemail/phrases.ts. prompts/speech holds the recording of each (make-prompts.ts).

export const phrases = {
  'calls-forwarded-to': 'Le transfert permanent est activé vers le',
  'no-reply-forwarded-to': 'Le transfert sur non réponse est activé vers le',
  'calls-not-forwarded': 'Le transfert permanent est désactivé.',
  'no-reply-not-forwarded': 'Le transfert sur non réponse est désactivé.',
  'voicemail-always': 'Vos appels sont renvoyés vers votre messagerie.',
  'voicemail-not-always': 'Le renvoi permanent vers votre messagerie est désactivé.',
  'services-off': 'Tous vos services sont désactivés.',
  masked: 'Votre numéro est masqué.',
  'not-masked': "Votre numéro n'est plus masqué.",
  'code-unknown': "Ce code n'existe pas.",
  'number-missing': "Il manque le numéro. Rien n'a été changé.",
  'number-wrong': "Ce numéro n'est pas valable. Rien n'a été changé.",
  'number-own': "Vous ne pouvez pas transférer vos appels vers votre propre numéro. Rien n'a été changé.",
  'number-emergency':
    "Vous ne pouvez pas transférer vos appels vers un numéro d'urgence. Rien n'a été changé.",
  'not-stored': "Votre demande n'a pas pu être enregistrée. Rien n'a été changé.",
  'your-number-is': 'Votre numéro est le',
  'number-unknown': "Votre numéro n'est pas connu.",
  emergency: "Service d'urgence du banc d'essai. Ceci n'est pas un vrai service d'urgence.",
  'ring-back': 'Raccrochez. Nous vous rappelons.',
  'this-is-your-call': 'Voici votre rappel. Au revoir.',
  'it-will-be': 'Au prochain top, il sera',
  today: "aujourd'hui",
  yesterday: 'hier',
  the: 'le',
  at: 'à',
  hour: 'heure',
  hours: 'heures',
  minute: 'minute',
  minutes: 'minutes',
  and: 'et',
  second: 'seconde',
  seconds: 'secondes',
  first: 'premier',
  january: 'janvier',
  february: 'février',
  march: 'mars',
  april: 'avril',
  may: 'mai',
  june: 'juin',
  july: 'juillet',
  august: 'août',
  september: 'septembre',
  october: 'octobre',
  november: 'novembre',
  december: 'décembre',
  plus: 'plus',
} as const

export type Phrase = keyof typeof phrases

const below17 =
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize'.split(' ')
const tens = ['', 'dix', 'vingt', 'trente', 'quarante', 'cinquante', 'soixante', '', 'quatre-vingts']

/** 0-60 and 80 in words. */
export const numberWords = (n: number, feminine = false): string => {
  const word = (text: string): string => (feminine ? text.replace(/un$/, 'une') : text)
  if (n < 17) return word(below17[n] as string)
  const ten = tens[Math.floor(n / 10)] as string
  const rest = n % 10
  if (rest === 0) return ten
  return word(`${ten}${rest === 1 ? ' et ' : '-'}${below17[rest]}`)
}
