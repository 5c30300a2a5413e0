// The words of `npm run bench-scenarios`: what is played, on what, and what stands around a target that runs already.

import { parseArgs } from 'node:util'
import type { FarSubscriber, RemoteOptions } from '../../test/bench/remote-target.js'
import { scenariosNamed } from '../../test/bench/scenarios/all.js'
import type { Need, Scenario } from '../../test/bench/scenarios/scenario.js'

export const usage = `bench-scenarios --target TARGET [--only NAME …] [--list] [--out DIR] [--json]

  --target sim          starts a simulated box, the reference operator and two people elsewhere by itself
  --target unix:/path   or HOST:PORT, or /dev/ttyUSB0: a bench channel that is served already
  --only NAME           these scenarios only; may be repeated
  --list                the scenarios, what each shows and needs, without playing them
  --out DIR             writes report.html, report.json and a picture (SVG) of each scenario there
  --json                the report as one JSON object on standard output

What stands around a target that runs already; what is not said counts as missing, and scenarios that need it are skipped:
  --number LINE=N       the number of a line; may be repeated
  --operator ADDR:PORT  its operator, and --domain NAME
  --far N:PASSWORD@ADDR a subscriber of it that the bench plays, on an own address of this machine; may be repeated
  --echo N  --call-back N  --nobody N   numbers that send back what they hear, that call back, that are nobody's
  --wav-dir DIR[:THERE] a folder for recordings, and its path at the bench server where that is another
  --lacks NEED          something the target has not (--list names them); may be repeated
  --scale X             all limits are multiplied by it, 1 to 20, for a target that is slow`

export class BadInput extends Error {}

const many = { type: 'string', multiple: true } as const
const one = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const options = {
  target: one,
  only: many,
  list: flag,
  out: one,
  json: flag,
  help: flag,
  number: many,
  operator: one,
  domain: one,
  far: many,
  echo: one,
  'call-back': one,
  nobody: one,
  'wav-dir': one,
  lacks: many,
  scale: one,
} as const

export interface Wanted {
  readonly show: 'help' | 'list' | 'run'
  readonly scenarios: readonly Scenario[]
  readonly target: { readonly kind: 'sim' } | ({ readonly kind: 'remote' } & RemoteOptions)
  readonly out: string | undefined
  readonly json: boolean
}

/** Throws BadInput with a message for people. */
export const readCommandLine = (words: readonly string[]): Wanted => {
  const { values } = parsed(words)
  const scenarios = named(values.only ?? [])
  const show = values.help ? 'help' : values.list ? 'list' : 'run'
  const { target } = values
  if (show === 'run' && target === undefined) throw new BadInput('--target is missing')
  const common = { show, scenarios, out: values.out, json: values.json } as const
  if (show !== 'run' || target === 'sim') {
    const alone = (['number', 'operator', 'far', 'wav-dir', 'lacks', 'scale'] as const).find(
      name => values[name] !== undefined,
    )
    if (alone !== undefined) throw new BadInput(`--${alone} is for a target that runs already`)
    return { ...common, target: { kind: 'sim' } }
  }
  return { ...common, target: { kind: 'remote', ...around(target as string, values) } }
}

const parsed = (words: readonly string[]) => {
  try {
    return parseArgs({ args: [...words], options })
  } catch (error) {
    throw new BadInput((error as Error).message)
  }
}
type Values = ReturnType<typeof parsed>['values']

const named = (names: readonly string[]): readonly Scenario[] => {
  try {
    return scenariosNamed(names)
  } catch (error) {
    throw new BadInput((error as Error).message)
  }
}

const around = (address: string, values: Values): RemoteOptions => {
  const { echo, nobody } = values
  const callBack = values['call-back']
  const operator = operatorIn(values)
  const far = (values.far ?? []).map(farIn)
  if (far.length > 0 && operator === undefined) throw new BadInput('--far needs --operator and --domain')
  const folder = values['wav-dir'] === undefined ? undefined : folderIn(values['wav-dir'])
  return {
    address,
    numbers: Object.fromEntries((values.number ?? []).map(numberIn)),
    far,
    scale: scaleIn(values.scale),
    lacks: (values.lacks ?? []).map(needIn),
    ...(operator && { operator }),
    ...(folder && { folder }),
    ...(echo !== undefined && { echo }),
    ...(callBack !== undefined && { callBack }),
    ...(nobody !== undefined && { nobody }),
  }
}

const numberIn = (text: string): readonly [string, string] => {
  const match = /^([^=]+)=(\+?\d{2,20})$/.exec(text)
  if (!match) throw new BadInput(`--number ${text}: LINE=NUMBER, such as tel1=0389000001`)
  return [match[1] as string, match[2] as string]
}

const operatorIn = ({ operator, domain }: Values): RemoteOptions['operator'] => {
  if (operator === undefined) return undefined
  const match = /^(\d+\.\d+\.\d+\.\d+):(\d{1,5})$/.exec(operator)
  if (!match) throw new BadInput(`--operator ${operator}: ADDR:PORT, such as 127.0.0.9:5060`)
  if (domain === undefined) throw new BadInput('--operator needs --domain')
  return { endpoint: { address: match[1] as string, port: Number(match[2]) }, domain }
}

const farIn = (text: string): FarSubscriber => {
  const match = /^(\+?\d{2,20}):(.+)@(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  // The password is not repeated.
  if (!match) throw new BadInput('--far: NUMBER:PASSWORD@ADDR, such as 0389000011:secret@127.0.0.11')
  return { number: match[1] as string, password: match[2] as string, address: match[3] as string }
}

const folderIn = (text: string): RemoteOptions['folder'] => {
  const [here = '', there = here] = text.split(':')
  if (!here.startsWith('/') || !there.startsWith('/'))
    throw new BadInput(`--wav-dir ${text}: DIR or DIR:THERE, both from the root on`)
  return { here, there }
}

const scaleIn = (text: string | undefined): number => {
  const scale = Number(text ?? 1)
  if (!(scale >= 1 && scale <= 20)) throw new BadInput(`--scale ${text}: a number from 1 to 20`)
  return scale
}

const needIn = (text: string): Need => {
  const known = new Set(scenariosNamed([]).flatMap(({ needs }) => needs))
  if (!known.has(text as Need)) throw new BadInput(`--lacks ${text}: one of ${[...known].join(', ')}`)
  return text as Need
}
