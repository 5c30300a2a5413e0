// A technician at the console of a virtual house: he types whole commands and reads what they answer, as text of the screen
// and as data of the HIL mode. Access and line editing have tests of their own (test/console).

import { carryOut } from '../../firmware/console/carry-out.js'
import type { Answer, Data, Language, SessionView } from '../../firmware/console/command.js'
import { diagnosisCommands } from '../../firmware/console/commands/diagnosis/commands.js'
import { parseLine } from '../../firmware/console/grammar.js'
import { folded } from '../../firmware/console/pages.js'
import { commandTable } from '../../firmware/console/table.js'
import { silentLog } from '../../firmware/log.js'
import { fakeBox } from '../console/fake-box.js'
import type { VirtualHouse } from '../support/virtual-house.js'

export interface Typed {
  /** Screen lines in the language of the technician. */
  readonly text: readonly string[]
  readonly data: readonly Data[]
  readonly refused: string | undefined
  readonly ok: boolean
  /** Ids of the verdicts, most important first. */
  readonly verdicts: readonly string[]
}

export interface Technician {
  /** Carries the command out to its end, time passing meanwhile. */
  type(line: string): Promise<Typed>
  /** The same, begun and not waited for. */
  begin(line: string): Promise<Typed>
  readonly commands: number
  language: Language
}

export const technicianIn = (house: VirtualHouse): Technician => {
  const world = {
    table: commandTable([], diagnosisCommands),
    lines: house.telephones.map(({ line }) => line),
    settings: [],
    exact: false,
  }
  const box = Object.defineProperty(fakeBox(), 'diagnosis', { value: house.diagnosis })
  let commands = 0
  const begin = async (line: string): Promise<Typed> => {
    const parsed = parseLine(line, world)
    if (parsed === undefined) throw new Error('nothing typed')
    commands++
    const answers: Answer[] = []
    let refused: string | undefined
    let ok = false
    await carryOut(
      parsed,
      {
        box,
        clock: house.clock,
        session: { level: 'enable', front: 'serial', language: technician.language } as SessionView,
        signal: new AbortController().signal,
      },
      {
        answer: async answer => void answers.push(answer),
        refused: (_code, message) => {
          refused = message[technician.language]
        },
        done: well => {
          ok = well
        },
      },
      silentLog,
    )
    return {
      text: answers.flatMap(({ text }) => text(technician.language)).flatMap(folded),
      data: answers.map(({ data }) => data),
      verdicts: answers.flatMap(({ data }) => verdictsIn(data)),
      ...{ refused, ok },
    }
  }
  const technician: Technician = {
    begin,
    type: line => house.ask(begin(line)),
    get commands() {
      return commands
    },
    language: 'en',
  }
  return technician
}

const verdictsIn = (data: Data): readonly string[] => {
  const { verdicts } = (data ?? {}) as { readonly verdicts?: readonly { readonly id: string }[] }
  return verdicts?.map(({ id }) => id) ?? []
}
