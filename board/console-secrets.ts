// Where the secrets of the console are: in the files that the configuration names, as provisioning delivered them, or, once
// somebody has changed one, as a verifier beside the store. Beside that stands which provisioned secret it took the place of
// (again as a verifier): when provisioning delivers another one, that counts.

import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConsoleSecrets, GuardedLevel } from '../firmware/console/access.js'
import { fits, flawOf, makeVerifier } from '../firmware/console/secret.js'
import type { Log } from '../firmware/log.js'
import { unreadable } from '../firmware/settings/problem.js'
import type { Config } from '../firmware/settings/schema.js'
import type { Clock } from '../hal/clock.js'
import type { Entropy } from '../hal/entropy.js'

export interface SecretParts {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
}

interface Changed {
  readonly verifier: string
  /** Of the provisioned secret that it replaced; absent: whichever it was. */
  readonly replaced?: string | undefined
}

/** `config`: as it is now; a changed file counts from the next try on. */
export const consoleSecrets = (
  config: () => Pick<Config, 'console' | 'store'>,
  { clock, entropy, log }: SecretParts,
): ConsoleSecrets => {
  const troubles = new Map<GuardedLevel, string>()
  const isReplaced = rememberedFits(clock)
  const inForce = async (level: GuardedLevel, file: string): Promise<string> => {
    const own = changedFile(config(), level)
    const changed = await changedSecret(own)
    if (changed === undefined) return provisionedSecret(file)
    // Half delivered, or not there any more: nothing new has come.
    const provisioned = await provisionedSecret(file).catch(() => undefined)
    if (provisioned === undefined || changed.replaced === undefined) return changed.verifier
    if (await isReplaced(level, provisioned, changed.replaced)) return changed.verifier
    log.warn('a newly provisioned console secret counts', { file })
    // So that it does not count again should the old one be delivered once more.
    await rm(own, { force: true }).catch((error: Error) =>
      log.error('an old console secret cannot be removed', { file: own, reason: error.message }),
    )
    return provisioned
  }
  return {
    read: async level => {
      const file = provisionedFile(config(), level)
      // A level that the configuration has shut stays shut, whatever was set before.
      if (file === undefined) return undefined
      try {
        const secret = await inForce(level, file)
        troubles.delete(level)
        return secret
      } catch (error) {
        const reason = (error as Error).message
        // Once: whoever types on at a shut door does not fill the log.
        if (troubles.get(level) !== reason) log.error('a console secret cannot be used', { file, reason })
        troubles.set(level, reason)
        throw error
      }
    },
    keep: async (level, verifier) => {
      const file = provisionedFile(config(), level)
      if (file === undefined) throw new Error('the configuration gives this level no secret')
      const replaced = await makeVerifier(await provisionedSecret(file), clock, entropy)
      await replaceFile(changedFile(config(), level), `${verifier}\n${replaced}\n`)
    },
  }
}

const keys = { view: 'viewSecretFile', enable: 'enableSecretFile' } as const

const provisionedFile = (config: Pick<Config, 'console'>, level: GuardedLevel): string | undefined =>
  config.console[keys[level]]

/** Of the levels that the configuration opens, those at which nobody could log in: its key, and why. */
export const uselessSecrets = async (
  config: Pick<Config, 'console' | 'store'>,
): Promise<readonly { readonly key: (typeof keys)[GuardedLevel]; readonly reason: string }[]> => {
  const useless = (['view', 'enable'] as const).map(async level => {
    const file = provisionedFile(config, level)
    if (file === undefined) return []
    try {
      // One that was changed here counts, whatever has become of the provisioned one.
      if ((await changedSecret(changedFile(config, level))) === undefined) await provisionedSecret(file)
      return []
    } catch (error) {
      // The system's own name their path; a flaw is told without one.
      const { code, path = file, message } = error as NodeJS.ErrnoException
      return [{ key: keys[level], reason: code === undefined ? message : unreadable(path, error) }]
    }
  })
  return (await Promise.all(useless)).flat()
}

const changedFile = (config: Pick<Config, 'store'>, level: GuardedLevel): string =>
  join(dirname(config.store.path), `console-${level}.verifier`)

/** Of passwords that were changed, finished or not. */
export const verifierFiles = (config: Pick<Config, 'store'>): readonly string[] =>
  (['view', 'enable'] as const).flatMap(level => {
    const file = changedFile(config, level)
    return [file, `${file}.new`]
  })

/** undefined: there is none. Any other trouble rejects: the secret that was replaced must not count again. */
const changedSecret = async (file: string): Promise<Changed | undefined> => {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (content === undefined) return undefined
  const [verifier = '', replaced, ...more] = content.replace(/\n$/, '').split('\n')
  const flaw = more.length > 0 ? 'it has too many lines' : flawOf(verifier)
  if (flaw !== undefined) throw new Error(`${file}: ${flaw}`)
  return { verifier, replaced }
}

/** Throws when nobody could log in with it. */
const provisionedSecret = async (file: string): Promise<string> => {
  const secret = (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  const flaw = flawOf(secret)
  if (flaw !== undefined) throw new Error(`${file}: ${flaw}`)
  return secret
}

/** Slow on purpose, and asked at every prompt: the last answer of each level is remembered. */
const rememberedFits = (clock: Clock) => {
  const last = new Map<GuardedLevel, { readonly asked: string; readonly fits: boolean }>()
  return async (level: GuardedLevel, secret: string, verifier: string): Promise<boolean> => {
    const asked = `${verifier} ${secret}`
    const known = last.get(level)
    if (known?.asked === asked) return known.fits
    const answer = { asked, fits: await fits(secret, verifier, clock) }
    last.set(level, answer)
    return answer.fits
  }
}

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
