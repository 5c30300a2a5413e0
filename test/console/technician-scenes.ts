// What a technician types in the recorded sessions of the guide (docs/technician.md): one scene a command or a habit, and what
// happens at the telephones meanwhile. In the order in which they are played, at one box.

import { callEcho } from '../diagnosis/field-incidents.js'
import type { VirtualHouse, VirtualTelephone } from '../support/virtual-house.js'
import type { Pressed } from './serial-cable.js'
import { enableSecret, viewSecret } from './terminal.js'

export interface Step extends Omit<Pressed, 'meanwhile'> {
  readonly meanwhile?: (house: VirtualHouse, tel1: VirtualTelephone) => Promise<unknown>
}

export interface Scene {
  /** What it is found under: a command as it is typed, or the name of a habit. */
  readonly title: string
  readonly before?: (house: VirtualHouse, tel1: VirtualTelephone) => Promise<unknown>
  readonly steps: readonly Step[]
  /** Read of what is longer than the screen, before q ends it; default 1. */
  readonly pages?: number
}

/** Not to be shown, not even as keys. */
export const secrets: readonly string[] = [viewSecret, enableSecret, 'not-the-secret', 'a-new-secret-12']

const typed = (text: string, more: Omit<Step, 'keys'> = {}): Step => ({ keys: [text, 'Enter'], ...more })
const scene = (title: string): Scene => ({ title, steps: [typed(title)] })
const help = /\n\rvoiceport[>#] [^\r\n]*$/

const lift = async (house: VirtualHouse, tel1: VirtualTelephone): Promise<void> => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
}
const hangUp = async (house: VirtualHouse, tel1: VirtualTelephone): Promise<void> => {
  await tel1.act({ do: 'onhook' })
  await house.advance(2000)
}

/** Two codes, then a call with three presses of R. */
const telephoning = async (house: VirtualHouse, tel1: VirtualTelephone): Promise<void> => {
  for (const digits of ['*93#', '#93#']) {
    await lift(house, tel1)
    await tel1.act({ do: 'dtmf', digits })
    await house.advance(3000)
    await hangUp(house, tel1)
  }
  await callEcho(house, tel1)
  for (const ms of [92, 104, 55]) {
    await tel1.act({ do: 'flash', ms })
    await house.advance(5000)
  }
}

const requests = ['{"id":1,"do":"show version"}', '{"id":2,"do":"show nothing"}'] as const

const settings: readonly Scene[] = [
  scene('set line.tel1.callWaiting off'),
  {
    title: 'set line.tel1.account.password',
    steps: [typed('set line.tel1.account.password'), typed('a-new-secret-12')],
  },
  { title: 'set sip.dscp 99', steps: [typed('set sip.dscp 99')] },
  scene('show changes'),
  scene('commit'),
  { title: 'commit confirm 60', steps: [typed('set log.level debug'), typed('commit confirm 60')] },
  scene('confirm'),
  { title: 'rollback', steps: [typed('set line.tel2.callWaiting off'), typed('rollback')] },
  {
    title: 'no set line.tel1.callWaiting',
    steps: [typed('no set line.tel1.callWaiting'), typed('commit')],
  },
  scene('show journal'),
  scene('export'),
  { title: 'import', steps: [typed('import'), typed('set line.tel2.callWaiting off'), typed('end')] },
  { title: 'factory-reset', steps: [typed('factory-reset'), typed('erase'), typed('erase')] },
]

export const scenes = (language: 'en' | 'fr'): readonly Scene[] => [
  {
    title: 'log in',
    before: house => house.advance(7_384_000),
    steps: [{ keys: ['Enter'] }, typed('not-the-secret'), typed(viewSecret)],
  },
  scene(`terminal language ${language}`),
  { ...scene('help'), pages: 9 },
  {
    title: '? and Tab',
    steps: [
      { keys: ['sh', 'Tab', '?'], until: help },
      { keys: ['reg', 'Tab'], until: /registration $/ },
      { keys: ['Enter'] },
    ],
  },
  { title: 'a mistake', steps: [typed('show regster'), typed('terminal length 999')] },
  scene('terminal length 24'),
  scene('show version'),
  scene('show board'),
  { ...scene('show profile'), pages: 2 },
  scene('show settings'),
  scene('show settings sip'),
  scene('show codes'),
  scene('show registration'),
  scene('show line'),
  { ...scene('show calls'), before: telephoning },
  scene('show media'),
  scene('show line tel1'),
  scene('explain R 2'),
  scene('explain in active+waiting R 2'),
  scene('explain *21*0612345678#'),
  { ...scene('show calls last tel1'), before: hangUp },
  scene('show codes last tel1'),
  scene('show flash tel1'),
  scene('show alarms'),
  scene('show trace 12'),
  scene('show log'),
  {
    title: 'debug line 10',
    steps: [
      typed('debug line 10', {
        meanwhile: (house, tel1) => lift(house, tel1).then(() => hangUp(house, tel1)),
      }),
    ],
  },
  {
    title: 'debug phone 20',
    steps: [
      typed('debug phone 20', {
        meanwhile: (house, tel1) => callEcho(house, tel1).then(() => hangUp(house, tel1)),
      }),
    ],
  },
  {
    title: 'debug sip 20',
    steps: [
      typed('debug sip 20', {
        meanwhile: (house, tel1) => callEcho(house, tel1).then(() => hangUp(house, tel1)),
      }),
    ],
  },
  { title: 'not allowed', steps: [typed('test line tel1')] },
  { title: 'enable', steps: [typed('enable'), typed(enableSecret)] },
  scene('test line tel1'),
  scene('test audio tel1'),
  {
    title: 'test ring tel1',
    steps: [typed('test ring tel1'), typed('test arm tel1'), typed('test ring tel1')],
  },
  scene('test arm tel1'),
  scene('test registration tel1'),
  scene('test call tel1 3100'),
  { ...scene('test tone tel1 busy'), before: lift },
  {
    title: 'test dtmf tel1',
    before: (house, tel1) => hangUp(house, tel1).then(() => lift(house, tel1)),
    steps: [
      typed('test dtmf tel1', {
        meanwhile: async (house, tel1) => {
          await house.advance(10)
          await tel1.act({ do: 'dtmf', digits: '123456789*0#' })
        },
      }),
    ],
  },
  { ...scene('support bundle'), before: hangUp },
  {
    title: 'mode hil',
    steps: [
      typed('mode hil', { until: /\n$/ }),
      typed(requests[0], { until: /OK\r\n$/ }),
      typed(requests[1], { until: /ERR VP-\d+\r\n$/ }),
      typed('{"id":3,"do":"mode text"}'),
    ],
  },
  scene('mode text'),
  ...(['view', 'enable'] as const).map(level => ({
    title: `passwd ${level}`,
    steps: [typed(`passwd ${level}`), typed('a-new-secret-12'), typed('a-new-secret-12')],
  })),
  ...settings,
  scene('restart'),
  scene('disable'),
  scene('exit'),
]
