// Sentences of the verdicts on what a driver tells of its hardware besides the loop itself; part of verdict-texts.ts.

export const hardwareTexts = {
  'sound-gone': {
    en: [
      'The sound device of the line is gone: nothing is heard or said, and nobody is rung.',
      'Plug it in again, or see that its codec has power; voiceport check tries it.',
    ],
    fr: [
      "Le périphérique audio de la ligne a disparu : on n'entend ni ne dit rien, et rien ne sonne.",
      "Le rebrancher, ou vérifier l'alimentation de son codec ; voiceport check l'essaie.",
    ],
  },
  'edges-lost': {
    en: [
      'Movements of the hook were lost on their way, or came too fast to be told apart.',
      'Once is harmless; if it repeats, replace telephone or cord, then the box.',
    ],
    fr: [
      'Des mouvements du crochet furent perdus, ou trop rapides pour être distingués.',
      'Une fois, rien à faire ; si cela se répète, changer téléphone ou cordon, puis le boîtier.',
    ],
  },
  'fault-passed': {
    en: [
      'The line chip has reported a fault that is over again ({kinds}).',
      'Do again what was done when it came, a ring for one (test ring); show alarms tells how often.',
    ],
    fr: [
      'Le circuit de ligne a signalé un défaut, disparu depuis ({kinds}).',
      "Refaire ce qui l'a causé, une sonnerie par exemple (test ring) ; show alarms dit combien de fois.",
    ],
  },
} as const
