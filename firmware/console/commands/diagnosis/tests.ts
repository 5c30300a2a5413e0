// test line|ring|tone|dtmf|audio|call|registration LINE, and test arm LINE: the technician's tests, each ending in a verdict.

import type { Diagnosis } from '../../../run/diagnosis.js'
import type { KeyHeard } from '../../../run/line-tests/talk-tests.js'
import {
  isRefused,
  type Refused,
  refusalTexts,
  type TestReport,
} from '../../../run/line-tests/test-report.js'
import { type Answer, type Argument, answer, type Command, type Refusal } from '../../command.js'
import { ascii, tableRows } from '../../pages.js'
import { isGood, verdictData, verdictRows } from './conclude.js'

const line: Argument = { type: 'line', name: 'line', help: { en: 'Which line', fr: 'Quelle ligne' } }

const refusalOf = ({ refused }: Refused): Refusal => {
  const { en, fr } = refusalTexts[refused]
  return { refused: { en: ascii(en), fr: ascii(fr) } }
}

const outcomeOf = (outcome: TestReport | Refused): Answer | Refusal => {
  if (isRefused(outcome)) return refusalOf(outcome)
  const { measured, verdicts } = outcome
  return answer(
    { line: outcome.line, measured: Object.fromEntries(measured), verdicts: verdictData(verdicts) },
    language => [...tableRows(measured), ...verdictRows(verdicts, language)],
    isGood(verdicts),
  )
}

type Run = (diagnosis: Diagnosis, line: string, signal: AbortSignal) => Promise<TestReport | Refused>

/** Tests of one line that need nothing else said. */
const plain: Readonly<Record<string, { readonly help: Command['help']; readonly run: Run }>> = {
  line: {
    help: { en: 'Measure the loop at rest (bells only after test arm)', fr: 'Mesurer la boucle au repos' },
    run: (diagnosis, id, signal) => diagnosis.testLine(id, signal),
  },
  ring: {
    help: { en: 'Ring the telephone twice (after test arm)', fr: 'Sonner deux fois (apres test arm)' },
    run: (diagnosis, id, signal) => diagnosis.testRing(id, signal),
  },
  audio: {
    help: { en: 'Audio way to the line chip and back', fr: "Chemin audio jusqu'au circuit de ligne" },
    run: (diagnosis, id, signal) => diagnosis.testLoopback(id, signal),
  },
  registration: {
    help: {
      en: 'Register now and tell what the operator says',
      fr: "S'enregistrer maintenant, dire la reponse",
    },
    run: (diagnosis, id, signal) => diagnosis.testRegistration(id, signal),
  },
}

const plainCommands: readonly Command[] = Object.entries(plain).map(([name, { help, run }]) => ({
  ...{ words: ['test', name, line], help, level: 'enable' as const },
  run: async ({ box: { diagnosis }, signal }, args) =>
    outcomeOf(await run(diagnosis, String(args['line']), signal)),
}))

const armCommand: Command = {
  words: ['test', 'arm', line],
  help: { en: 'Allow ring voltage on this line for ten minutes', fr: 'Permettre la sonnerie dix minutes' },
  level: 'enable',
  run: ({ box: { diagnosis } }, args) => {
    diagnosis.arm(String(args['line']))
    return answer({ armed: true }, language => [
      language === 'fr'
        ? "jusqu'a 90 V sur les fils : ne pas y toucher ; arme pour dix minutes"
        : 'up to 90 V on the wires: hands off; armed for ten minutes',
    ])
  },
}

const tones: readonly string[] = [
  ...(['dial', 'stutter', 'special', 'recall', 'ringback', 'busy', 'congestion'] as const),
  ...(['waiting', 'confirmation', 'error', 'sit', 'howler'] as const),
]

const toneCommand: Command = {
  words: [
    'test',
    'tone',
    line,
    {
      ...{ type: 'enum', name: 'tone', help: { en: 'Which tone', fr: 'Quelle tonalite' } },
      values: Object.fromEntries(tones.map(tone => [tone, { en: tone, fr: tone }])),
    },
  ],
  help: { en: 'Play a tone to the lifted telephone', fr: 'Jouer une tonalite au combine' },
  level: 'enable',
  run: async ({ box: { diagnosis }, signal }, args) =>
    outcomeOf(await diagnosis.testTone(String(args['line']), String(args['tone']), signal)),
}

const callCommand: Command = {
  words: [
    'test',
    'call',
    line,
    {
      type: 'text',
      name: 'number',
      most: 20,
      help: { en: 'Number to call, digits only', fr: 'Numero a appeler' },
    },
  ],
  help: { en: 'Have the box call a number, listen, hang up', fr: 'Faire appeler un numero par le boitier' },
  level: 'enable',
  run: async ({ box: { diagnosis }, signal }, args) => {
    const number = String(args['number'])
    if (!/^\+?\d{2,20}$/.test(number))
      return {
        refused: { en: 'a number is 2 to 20 digits', fr: 'un numero a de 2 a 20 chiffres' },
        code: 'VP-7503',
      }
    return outcomeOf(await diagnosis.testCall(String(args['line']), number, signal))
  },
}

const dtmfCommand: Command = {
  words: ['test', 'dtmf', line],
  help: {
    en: 'Tell how each key of the lifted telephone is heard',
    fr: 'Dire comment chaque touche est entendue',
  },
  level: 'enable',
  run: ({ box: { diagnosis }, signal }, args) => keysTold(diagnosis, String(args['line']), signal),
}

async function* keysTold(diagnosis: Diagnosis, id: string, signal: AbortSignal): AsyncIterable<Answer> {
  const heard: KeyHeard[] = []
  let wake = (): void => undefined
  let outcome: TestReport | Refused | undefined
  const testing = diagnosis
    .testKeys(
      id,
      key => {
        heard.push(key)
        wake()
      },
      signal,
    )
    .then(done => {
      outcome = done
      wake()
    })
  yield answer({ press: '123456789*0#' }, language => [
    language === 'fr' ? 'presser 1 a 9, *, 0, # ; Ctrl-C arrete' : 'press 1 to 9, *, 0, #; Ctrl-C ends it',
  ])
  while (heard.length > 0 || outcome === undefined) {
    const key = heard.shift()
    if (key) yield keyAnswer(key)
    else
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
  await testing
  const told = outcomeOf(outcome)
  if ('refused' in told)
    yield answer({ refused: told.refused.en }, language => [`% ${told.refused[language]}`], false)
  else yield told
}

const keyAnswer = ({ key, dbm0, twistDb }: KeyHeard): Answer =>
  answer({ key, dbm0, twistDb }, () => [
    `  ${key}  ${dbm0} dBm0${twistDb === undefined ? '' : `  twist ${twistDb} dB`}`,
  ])

export const testCommands: readonly Command[] = [
  armCommand,
  ...plainCommands,
  toneCommand,
  dtmfCommand,
  callCommand,
]
