// show trace: the last steps of the feature machine, one a line: when, which telephone, what happened, what came of it.

import { answer, type Command, type Word } from '../command.js'
import type { TraceFacts } from '../console-box.js'

const most: Word = {
  type: 'number',
  name: 'steps',
  min: 1,
  max: 2000,
  optional: true,
  help: { en: 'How many; default 20', fr: 'Combien ; 20 sinon' },
}

export const showTraceCommand: Command = {
  words: ['show', 'trace', most],
  help: { en: 'Last steps of the feature machine', fr: 'Dernieres etapes de la machine' },
  level: 'view',
  run: ({ box, clock }, { steps = 20 }) => {
    const facts = box.trace(Number(steps))
    return answer(
      facts.map(fact => ({ ...fact })),
      () => facts.map(fact => stepLine(fact, clock.now())),
    )
  },
}

/** "  -12.3 s tel1 off-hook: idle -> dial-tone [tone]". */
export const stepLine = ({ us, line, event, from, to, effects }: TraceFacts, now: number): string => {
  const ago = `${((us - now) / 1_000_000).toFixed(1)} s`.padStart(11)
  const moved = from === to ? from : `${from} -> ${to}`
  return `${ago}  ${line}  ${event}: ${moved}${effects.length > 0 ? ` [${effects.join(', ')}]` : ''}`
}
