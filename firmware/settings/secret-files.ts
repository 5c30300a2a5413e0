// Secrets a technician typed: each in a file of its own beside the store, 0600, whole and on the disk before the store names it,
// and never in the store. What nothing names any more is taken away.

import { open, readdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'

export interface SecretFiles {
  /** The path of the file; durable when it resolves. */
  keep(secret: string): Promise<string>
  /** Takes every file away that is not among these. */
  sweep(used: ReadonlySet<string>): Promise<void>
}

/** `store`: path of the database. */
export const createSecretFiles = (store: string, clock: Clock, entropy: Entropy): SecretFiles => {
  const folder = dirname(store)
  const beginning = `${basename(store)}-secret-`
  return {
    keep: secret => clock.external(written(join(folder, `${beginning}${entropy.hex(8)}`), secret)),
    sweep: used => clock.external(swept(folder, beginning, used)),
  }
}

const written = async (path: string, secret: string): Promise<string> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${secret}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  const folder = await open(dirname(path))
  await folder.sync().finally(() => folder.close())
  return path
}

const swept = async (folder: string, beginning: string, used: ReadonlySet<string>): Promise<void> => {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (name.startsWith(beginning) && !used.has(path)) await unlink(path)
  }
}
