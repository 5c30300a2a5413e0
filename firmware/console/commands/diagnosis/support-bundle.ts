// support bundle: everything somebody far away needs to understand a fault, as one JSON document: facts, verdicts, settings
// without secrets, the log. Numbers of others are mostly hidden; keys, audio and messages are no part of it.

import { answer, type Command, type Data } from '../../command.js'
import { instant, verdictData } from './conclude.js'

const logLines = 200

export const supportBundleCommand: Command = {
  words: ['support', 'bundle'],
  help: {
    en: 'Everything for support, without secrets, as JSON',
    fr: "Tout pour l'assistance, sans secret, en JSON",
  },
  level: 'enable',
  run: async ({ box }) => {
    const { diagnosis } = box
    const facts = await diagnosis.facts()
    const bundle: Data = {
      bundle: 1,
      made: instant(facts.wallMs),
      version: { ...box.version() },
      board: plain(box.board()),
      profile: plain(box.profile()),
      settings: Object.fromEntries(
        box.settings().flatMap(({ key, value, changed }) => (changed ? [[key, value]] : [])),
      ),
      verdicts: verdictData(await diagnosis.verdicts()),
      facts: plain(facts),
      log: box
        .log(logLines)
        .map(({ wallMs, level, message, fields }) => [instant(wallMs), level, message, { ...fields }]),
    }
    return answer(bundle, () => JSON.stringify(bundle, null, 1).split('\n'))
  },
}

/** Facts are cloneable values, and what JSON cannot carry of them is left out. */
const plain = (value: unknown): Data => JSON.parse(JSON.stringify(value)) as Data
