// Where the secrets of the console are: in the files that the configuration names, as provisioning delivered them, or, once
// somebody has changed one, as a verifier beside the store.

import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConsoleSecrets, GuardedLevel } from '../firmware/console/access.js'
import type { Log } from '../firmware/log.js'
import type { Config } from '../firmware/settings/schema.js'

/** `config`: as it is now; a changed file counts from the next try on. */
export const consoleSecrets = (
  config: () => Pick<Config, 'console' | 'store'>,
  log: Log,
): ConsoleSecrets => ({
  read: async level => {
    const file = provisioned(config(), level)
    // A level that the configuration has shut stays shut, whatever was set before.
    if (file === undefined) return undefined
    try {
      return oneLine((await textOf(changed(config(), level))) ?? (await readFile(file, 'utf8')))
    } catch (error) {
      log.error('a console secret cannot be read', { file, reason: (error as Error).message })
      throw error
    }
  },
  keep: (level, verifier) => replaceFile(changed(config(), level), `${verifier}\n`),
})

const provisioned = (config: Pick<Config, 'console'>, level: GuardedLevel): string | undefined =>
  config.console[level === 'view' ? 'viewSecretFile' : 'enableSecretFile']

const changed = (config: Pick<Config, 'store'>, level: GuardedLevel): string =>
  join(dirname(config.store.path), `console-${level}.verifier`)

/** undefined: there is none. Any other trouble rejects: the secret that was replaced must not count again. */
const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** Whole or not at all, and still there after a power cut. */
const replaceFile = async (file: string, content: string): Promise<void> => {
  const unfinished = `${file}.new`
  const written = await open(unfinished, 'w', 0o600)
  try {
    await written.writeFile(content)
    await written.sync()
  } finally {
    await written.close()
  }
  await rename(unfinished, file)
  const folder = await open(dirname(file))
  await folder.sync().finally(() => folder.close())
}

/** Throws when it is anything else. */
const oneLine = (content: string): string => {
  const secret = content.replace(/\r?\n$/, '')
  if (secret === '' || secret.length > 256 || /[\r\n]/.test(secret))
    throw new Error('it must hold one line of 1 to 256 characters')
  return secret
}
