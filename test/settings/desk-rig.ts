// A settings desk in virtual time, over a configuration file of its own and a store that is written down (or a real one).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OverrideStore, SettingsDesk } from '../../firmware/settings/desk-contract.js'
import type { LoadWith } from '../../firmware/settings/fitting-overrides.js'
import { loadSettings, type Settings } from '../../firmware/settings/load-settings.js'
import {
  changed,
  noOverrides,
  type OverrideChanges,
  type OverrideValue,
} from '../../firmware/settings/overrides.js'
import type { SecretFiles } from '../../firmware/settings/secret-files.js'
import { isSecretKey, secretShown } from '../../firmware/settings/secret-key.js'
import { createSettingsDesk } from '../../firmware/settings/settings-desk.js'
import type { Author, JournalEntry } from '../../firmware/settings/store.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

export const configText = `board = "sim"
profile = "fr"
[[line]]
id = "tel1"
[line.account]
user = "0389000001"
domain = "operator.test"
password = "file-canary-4711"
proxies = ["sip:192.0.2.1:5060;transport=udp"]
[[line]]
id = "tel2"
[sip]
listen = "127.0.0.5:5060"
`

export const loaderOf = (file: string): LoadWith => {
  const find = (kind: string, name: string): string =>
    join(process.cwd(), 'board', `${kind}s`, `${name}.toml`)
  return overrides =>
    loadSettings(
      file,
      (kind, name) => (['fr', 'de', 'sim'].includes(name) ? find(kind, name) : undefined),
      {},
      overrides,
    )
}

export interface FakeStore extends OverrideStore {
  /** The next change fails. */
  failing: boolean
  erased: boolean
  readonly journalled: { readonly by: Author; readonly key: string }[]
}

/** Remembers as the real one does, on no disk. */
export const fakeStore = (): FakeStore => {
  let values = noOverrides
  let undo: OverrideChanges = new Map()
  const check = (): void => {
    if (!store.failing) return
    store.failing = false
    throw new Error('the disk is gone')
  }
  const journal: JournalEntry[] = []
  const put = (changes: OverrideChanges, by: Author): void => {
    for (const [key, value] of changes) {
      const shown = (text: OverrideValue | undefined) =>
        text !== undefined && isSecretKey(key) ? secretShown : text
      const number = journal.length
      // A minute between one and the next.
      const changedMs = Date.UTC(2026, 0, 15, 11, number)
      journal.push({
        number,
        changedMs,
        author: by,
        key,
        before: shown(values.get(key)),
        after: shown(value),
      })
      store.journalled.push({ by, key })
    }
    values = changed(values, changes)
  }
  const store: FakeStore = {
    failing: false,
    erased: false,
    journalled: [],
    overrides: () => values,
    unconfirmed: () => undo,
    setOverrides: async (changes, by, { revocable = false } = {}) => {
      check()
      if (revocable) undo = new Map([...changes.keys()].map(key => [key, values.get(key)]))
      put(changes, by)
    },
    confirm: async () => {
      check()
      undo = new Map()
    },
    rollBack: async by => {
      put(undo, by)
      check()
      undo = new Map()
    },
    journal: async most => journal.toReversed().slice(0, most),
    erase: async () => {
      check()
      store.erased = true
    },
  }
  return store
}

export interface DeskRig {
  readonly desk: SettingsDesk
  readonly clock: VirtualClock
  readonly store: FakeStore
  /** What the box was told to use, in order. */
  readonly applied: Settings[]
  readonly logged: string[]
  /** Kept secrets by path. */
  readonly secrets: Map<string, string>
  readonly file: string
  filesErased: number
  /** Until everything asked for has happened. */
  settle(): Promise<void>
}

/** Its folder is taken away by `teardown`. */
export const deskRig = (
  teardown: (undo: () => void) => void,
  {
    store = fakeStore(),
    text = configText,
    clock = new VirtualClock(),
    eraseFiles = async () => undefined,
  }: {
    readonly store?: FakeStore
    readonly text?: string
    readonly clock?: VirtualClock
    readonly eraseFiles?: () => Promise<void>
  } = {},
): DeskRig => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-desk-'))
  teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'voiceport.toml')
  writeFileSync(file, text)
  const load = loaderOf(file)
  const read = load(noOverrides)
  if ('errors' in read) throw new Error(read.errors.map(({ message }) => message).join('\n'))
  const applied: Settings[] = []
  const logged: string[] = []
  const secrets = new Map<string, string>()
  const files: SecretFiles = {
    keep: async secret => {
      const path = join(folder, `secret-${secrets.size}`)
      writeFileSync(path, `${secret}\n`)
      secrets.set(path, secret)
      return path
    },
    sweep: async used => {
      for (const path of [...secrets.keys()])
        if (!used.has(path)) {
          rmSync(path)
          secrets.delete(path)
        }
    },
  }
  const note =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const rig = {
    clock,
    store,
    applied,
    logged,
    secrets,
    file,
    filesErased: 0,
    settle: () => clock.advance(0),
  }
  const desk = createSettingsDesk({
    settings: read.settings,
    load,
    store: Promise.resolve(store),
    secrets: files,
    clock,
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    apply: settings => void applied.push(settings),
    eraseFiles: async () => {
      rig.filesErased++
      await eraseFiles()
    },
  })
  return Object.assign(rig, { desk })
}
