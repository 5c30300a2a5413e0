// Loads the feature machine and its tests from the working directory, and runs those asked for.

import { readdirSync } from 'node:fs'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keepFrom, keptTests, runTest } from './quick-tap.js'

/** What the instrumented code shares with whoever runs it. */
export interface Instrumented {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: unknown
}

const shared = globalThis as typeof globalThis & { __stryker__?: Instrumented }
export const instrumented: Instrumented = (shared.__stryker__ ??= {})

const machine = 'dist/firmware/phone'

/** The machine is loaded before any test, so that what loading it reaches can be told from what a test reaches. */
export const loadTests = async (files: readonly string[]): Promise<void> => {
  register('./tap-hooks.js', import.meta.url)
  for (const name of readdirSync(machine, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.js')) await import(pathToFileURL(resolve(machine, name)).href)
  for (const file of files) {
    keepFrom(file)
    await import(pathToFileURL(resolve(file)).href)
  }
}

/** The id of the first test that fails, of those asked for (default: all). */
export const firstFailure = async (wanted?: readonly string[]): Promise<string | undefined> => {
  const chosen = wanted ? new Set(wanted) : undefined
  for (const test of keptTests) {
    if (chosen && !chosen.has(test.id)) continue
    instrumented.currentTestId = test.id
    try {
      await runTest(test)
    } catch {
      return test.id
    } finally {
      instrumented.currentTestId = undefined
    }
  }
  return undefined
}
