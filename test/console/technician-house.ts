// A whole box in virtual time with its console: firmware, operator and telephones of a virtual house, and the answers of the
// console as the daemon gives them (board/console-box.ts). What differs from one machine to the next is written down.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConsoleBox } from '../../board/console-box.js'
import { keepLog } from '../../board/kept-log.js'
import { watchTrace } from '../../board/watched-trace.js'
import { type Console, createConsole } from '../../firmware/console/console.js'
import type { ConsoleBox } from '../../firmware/console/console-box.js'
import { commandTable } from '../../firmware/console/table.js'
import { type Log, silentLog } from '../../firmware/log.js'
import { Database } from '../../firmware/settings/database.js'
import { migrations } from '../../firmware/settings/migrations.js'
import { noOverrides } from '../../firmware/settings/overrides.js'
import { createSecretFiles } from '../../firmware/settings/secret-files.js'
import { createSettingsDesk } from '../../firmware/settings/settings-desk.js'
import { Store } from '../../firmware/settings/store.js'
import { createTraceRing } from '../../firmware/trace/trace-ring.js'
import type { Clock } from '../../hal/clock.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { loaderOf } from '../settings/desk-rig.js'
import { type HouseOptions, openVirtualHouse, type VirtualHouse } from '../support/virtual-house.js'
import { enableSecret, viewSecret } from './terminal.js'

export interface TechnicianHouse {
  readonly house: VirtualHouse
  readonly console: Console
  close(): Promise<void>
}

const numbers = ['0389000001', '0389000002']

export const openTechnicianHouse = async (options: HouseOptions = {}): Promise<TechnicianHouse> => {
  const { startWall = Date.UTC(2026, 0, 15, 10) } = options
  let house: VirtualHouse | undefined
  const clock: Pick<Clock, 'wall'> = { wall: () => house?.clock.wall() ?? startWall }
  const log = keepLog(silentLog, clock as Clock)
  const trace = watchTrace(createTraceRing(), log.log)
  house = await openVirtualHouse({ numbers, log: log.log, trace, ...options, startWall })
  const settings = await settingsIn(house, log.log, options.numbers ?? numbers)
  const answers = createConsoleBox({
    diagnosis: house.diagnosis,
    clock: house.clock,
    log,
    trace,
    desk: settings.desk,
    version: '0.1.0',
    restart: () => undefined,
  })
  const box: ConsoleBox = {
    ...answers,
    version: () => ({ ...answers.version(), node: 'v20.19.2', rssBytes: 71_400_000 }),
  }
  const kept = new Map<string, string>()
  const console = createConsole({
    box,
    clock: house.clock,
    entropy: new SeededEntropy(5),
    log: log.log,
    table: commandTable(box.situations()),
    secrets: {
      read: async level => kept.get(level) ?? (level === 'view' ? viewSecret : enableSecret),
      keep: async (level, secret) => void kept.set(level, secret),
    },
    // The real comparison takes its time (access.test.ts has it).
    fits: async (typed, secret) => typed === secret,
  })
  const close = async (): Promise<void> => {
    await house.close()
    await settings.close()
  }
  return { house, console, close }
}

/** The configuration as the daemon reads it from a file, and what is set over it, in a store on disk. */
const settingsIn = async ({ clock }: VirtualHouse, log: Log, users: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  const [file, path] = [join(folder, 'voiceport.toml'), join(folder, 'voiceport.db')]
  writeFileSync(file, configuration(users))
  const load = loaderOf(file)
  const read = load(noOverrides)
  if ('errors' in read) throw new Error(read.errors.map(({ message }) => message).join('\n'))
  const store = new Store(await Database.open(path, clock, migrations), { path, clock, log })
  const desk = createSettingsDesk({
    ...{ settings: read.settings, load, clock, log },
    store: Promise.resolve(store),
    secrets: createSecretFiles(path, clock, new SeededEntropy(7)),
    apply: () => undefined,
    eraseFiles: async () => undefined,
  })
  const close = async (): Promise<void> => {
    desk.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { desk, close }
}

const configuration = (users: readonly string[]): string => `board = "sim"
profile = "fr"
${users
  .map(
    (user, i) => `[[line]]
id = "tel${i + 1}"
[line.account]
user = "${user}"
domain = "operator.test"
password = "secret-${user}"
proxies = ["sip:127.0.0.1:5060;transport=udp"]
`,
  )
  .join('')}[sip]
listen = "127.0.0.5:5060"
[media]
listen = "127.0.0.5"
[console]
serial = "/dev/ttyS0"
viewSecretFile = "/etc/voiceport/view"
enableSecretFile = "/etc/voiceport/enable"
`
