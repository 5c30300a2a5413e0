// debug: what happens from now on, as it happens; ends by itself after a time or a number of lines, and on Ctrl-C.

import { type Clock, ms, us } from '../../../hal/clock.js'
import { type Answer, answer, type Command } from '../command.js'
import type { ConsoleBox, WatchEvent, WatchTopic } from '../console-box.js'

const mostLines = 2000
/** Kept for a far end that is slower than what happens. */
const mostWaiting = 200

export const debugCommand: Command = {
  words: [
    'debug',
    {
      type: 'enum',
      name: 'topic',
      help: { en: 'What to watch', fr: 'Quoi observer' },
      values: {
        sip: { en: 'SIP messages, one line each', fr: 'Messages SIP, une ligne chacun' },
        line: { en: 'Hook, R, keys and ringing', fr: 'Crochet, R, touches et sonnerie' },
        phone: { en: 'Steps of the feature machine', fr: 'Etapes de la machine' },
      },
    },
    {
      type: 'number',
      name: 'seconds',
      min: 1,
      max: 3600,
      unit: 's',
      optional: true,
      help: { en: 'How long; default 60', fr: 'Combien de temps ; 60 sinon' },
    },
  ],
  help: { en: 'Watch what happens; Ctrl-C ends it', fr: 'Observer ; Ctrl-C arrete' },
  level: 'view',
  run: ({ box, clock, signal }, { topic, seconds = 60 }) =>
    watched({ box, clock, signal }, topic as WatchTopic, Number(seconds)),
}

interface Watching {
  readonly box: ConsoleBox
  readonly clock: Clock
  readonly signal: AbortSignal
}

async function* watched(
  { box, clock, signal }: Watching,
  topic: WatchTopic,
  seconds: number,
): AsyncIterable<Answer> {
  const begun = clock.now()
  const waiting: WatchEvent[] = []
  let dropped = 0
  let over = false
  let wake = (): void => undefined
  const end = (): void => {
    over = true
    wake()
  }
  const stop = box.watch(topic, event => {
    if (waiting.length < mostWaiting) waiting.push(event)
    else dropped++
    wake()
  })
  const limit = clock.timer('console debug', ms(seconds * 1000), end)
  signal.addEventListener('abort', end, { once: true })
  try {
    for (let told = 0; told < mostLines && !signal.aborted; ) {
      const event = waiting.shift()
      if (event) {
        told++
        yield eventAnswer(event, begun)
        if (waiting.length === 0 && dropped > 0) {
          yield droppedAnswer(dropped)
          dropped = 0
        }
      } else if (over) break
      else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
    yield answer({ ended: true }, language => [`-- debug ${topic} ${ended[language]}`])
  } finally {
    signal.removeEventListener('abort', end)
    limit.cancel()
    stop()
  }
}

const ended = { en: 'ended', fr: 'termine' } as const

const droppedAnswer = (dropped: number): Answer =>
  answer({ dropped }, language => [`% ${dropped} ${language === 'fr' ? 'lignes perdues' : 'lines dropped'}`])

const eventAnswer = ({ us: at, line, text }: WatchEvent, begun: number): Answer =>
  answer({ us: us(at), ...(line !== undefined && { line }), text }, () => [
    `${((at - begun) / 1_000_000).toFixed(3).padStart(9)} ${line ?? ''} ${text}`.slice(0, 79),
  ])
