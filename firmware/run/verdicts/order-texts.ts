// Sentences of the verdicts that say of one part of a line that it is in order; part of verdict-texts.ts.

export const orderTexts = {
  registered: {
    en: ['{address} is registered with the operator.', ''],
    fr: ["{address} est enregistré chez l'opérateur.", ''],
  },
  'audio-good': {
    en: ['The audio of the last call is in order: {sent} packets sent, {received} received.', ''],
    fr: ['Le son du dernier appel est en ordre : {sent} paquets émis, {received} reçus.', ''],
  },
  'audio-unknown': {
    en: ['No call has had audio for two seconds yet.', 'Make a call (test call does), then look again.'],
    fr: [
      "Aucun appel n'a encore eu de son pendant deux secondes.",
      'Faire un appel (test call), puis revoir.',
    ],
  },
} as const
