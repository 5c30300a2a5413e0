// The configuration file read, checked, and its secrets filled in: from the file, from a password file, or from a
// systemd credential (systemd.exec(5), LoadCredential=). All mistakes are found in one go.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { noOverrides, type Overrides, withOverrides } from './overrides.js'
import { keyText, type Problem, problem, unreadable } from './problem.js'
import {
  type AccountConfig,
  type Config,
  type ConfigFile,
  configSchema,
  type LineConfig,
  type LineFile,
} from './schema.js'
import { type Path, type Read, readToml, type TomlDocument } from './toml-document.js'
import { inOrder, validate } from './validate.js'

export interface LoadedConfig {
  readonly config: Config
  /** Where a key stands in the file, for messages about what the schema cannot know (ports of the board). */
  readonly document: TomlDocument
}

export type ConfigResult = { readonly config: Config } | { readonly errors: readonly Problem[] }

/** `environment` gives CREDENTIALS_DIRECTORY. Relative paths in the file count from its own directory. */
export const loadConfig = (file: string, environment: NodeJS.ProcessEnv = process.env): ConfigResult => {
  const loaded = readConfig(file, environment)
  return loaded.ok ? { config: loaded.value.config } : { errors: loaded.problems }
}

export const readConfig = (
  file: string,
  environment: NodeJS.ProcessEnv,
  overrides: Overrides = noOverrides,
): Read<LoadedConfig> => {
  const read = readToml(file)
  if (!read.ok) return read
  const document = withOverrides(read.value, overrides)
  const checked = validate(document, configSchema())
  const secrets = new Secrets(file, document, environment)
  if (!checked.ok) {
    // Password files are looked at all the same, as far as the lines are readable.
    for (const [n, line] of rawLines(document.value).entries()) secrets.check(line, n)
    return { ok: false, problems: inOrder([...checked.problems, ...secrets.problems]) }
  }
  const config = secrets.fill(checked.value)
  return secrets.problems.length > 0
    ? { ok: false, problems: inOrder(secrets.problems) }
    : { ok: true, value: { config, document } }
}

interface RawSecrets {
  readonly password?: unknown
  readonly passwordFile?: unknown
}

interface RawLine {
  readonly account?: RawSecrets
  readonly xcap?: RawSecrets
}

const rawLines = (value: Record<string, unknown>): readonly RawLine[] =>
  Array.isArray(value['line'])
    ? value['line'].map(line => (typeof line === 'object' && line !== null ? line : {}))
    : []

class Secrets {
  readonly problems: Problem[] = []
  readonly #directory: string
  readonly #document: TomlDocument
  readonly #environment: NodeJS.ProcessEnv

  constructor(file: string, document: TomlDocument, environment: NodeJS.ProcessEnv) {
    this.#directory = dirname(resolve(file))
    this.#document = document
    this.#environment = environment
  }

  fill(file: ConfigFile): Config {
    return { ...file, console: this.#console(file), line: file.line.map((line, n) => this.#line(line, n)) }
  }

  /** Read at each log-in, not here: a console without its secret must not keep the telephones from working. */
  #console({ console }: ConfigFile): Config['console'] {
    const { viewSecretFile, enableSecretFile, ...rest } = console
    return {
      ...rest,
      ...(viewSecretFile !== undefined && { viewSecretFile: resolve(this.#directory, viewSecretFile) }),
      ...(enableSecretFile !== undefined && { enableSecretFile: resolve(this.#directory, enableSecretFile) }),
    }
  }

  /** Only looks whether the files named in a raw line can be read. */
  check(line: RawLine, n: number): void {
    for (const table of ['account', 'xcap'] as const) {
      const path = line[table]?.passwordFile
      if (typeof path === 'string') this.#file(path, ['line', n, table, 'passwordFile'])
    }
  }

  #line({ account, xcap, ...line }: LineFile, n: number): LineConfig {
    const filled = account && this.#account(account, line.id, n)
    if (!xcap) return { ...line, ...(filled ? { account: filled } : {}) }
    const { passwordFile, ...rest } = xcap
    const password =
      passwordFile === undefined
        ? (filled?.password ?? '')
        : this.#file(passwordFile, ['line', n, 'xcap', 'passwordFile'])
    return { ...line, ...(filled ? { account: filled } : {}), xcap: { ...rest, password } }
  }

  #account(account: NonNullable<LineFile['account']>, id: string, n: number): AccountConfig {
    const { password, passwordFile, ...rest } = account
    const path: Path = ['line', n, 'account']
    if (password !== undefined) return { ...rest, password }
    if (passwordFile !== undefined)
      return { ...rest, password: this.#file(passwordFile, [...path, 'passwordFile']) }
    return { ...rest, password: this.#credential(`${id}-password`, [...path, 'password']) }
  }

  #file(path: string, key: Path): string {
    return this.#read(resolve(this.#directory, path), key)
  }

  #credential(name: string, key: Path): string {
    const directory = this.#environment['CREDENTIALS_DIRECTORY']
    if (directory) return this.#read(resolve(directory, name), key)
    const message = `${keyText(key)} is missing; neither it nor passwordFile nor the systemd credential "${name}" is given`
    this.problems.push(problem('VP-1005', this.#document.origin(key), keyText(key), message))
    return ''
  }

  #read(path: string, key: Path): string {
    try {
      const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
      if (secret === '' || secret.length > 256 || /[\r\n]/.test(secret))
        this.#refuse(key, `${path} must hold one line of 1 to 256 characters`)
      return secret
    } catch (error) {
      this.#refuse(key, unreadable(path, error))
      return ''
    }
  }

  #refuse(key: Path, message: string): void {
    this.problems.push(
      problem('VP-1006', this.#document.origin(key), keyText(key), `${keyText(key)}: ${message}`),
    )
  }
}
