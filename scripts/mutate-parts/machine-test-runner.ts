// A test runner for Stryker: the tests of the feature machine, thousands of times in one process. They are pure and quick,
// and starting a process for each of some thousand mutants would take hours instead of minutes.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { firstFailure, instrumented, loadTests } from './kept-tests.js'
import { keptTests } from './quick-tap.js'

interface MutantRun {
  readonly timeout: number
  /** Ids of the tests that reach the mutant; absent: all of them. */
  readonly testFilter?: readonly string[]
  readonly activeMutant: { readonly id: string }
  readonly mutantActivation: 'runtime' | 'static'
}

/** See stryker.json. */
interface Options {
  readonly machineTests: { readonly files: readonly string[] }
}

const once = fileURLToPath(new URL('./run-once.js', import.meta.url))

const result = (failed: string | undefined, tests: number) =>
  failed === undefined
    ? { status: 'survived', nrOfTests: tests }
    : { status: 'killed', killedBy: [failed], failureMessage: failed, nrOfTests: tests }

/** In a process of its own; the answer does not tell which test failed. */
const runStatic = (files: readonly string[], { testFilter, activeMutant, timeout }: MutantRun) =>
  new Promise(resolve => {
    const wanted = testFilter === undefined ? [] : [JSON.stringify(testFilter)]
    const child = spawn(process.execPath, [once, JSON.stringify(files), ...wanted], {
      env: { ...process.env, __STRYKER_ACTIVE_MUTANT__: activeMutant.id },
      stdio: 'ignore',
    })
    const late = setTimeout(() => child.kill('SIGKILL'), timeout)
    child.on('exit', code => {
      clearTimeout(late)
      if (child.killed) resolve({ status: 'timeout' })
      else resolve(result(code === 0 ? undefined : (testFilter?.[0] ?? keptTests[0]?.id), keptTests.length))
    })
  })

const createMachineTestRunner = (options: Options) => {
  const { files } = options.machineTests
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    init: () => loadTests(files),
    dryRun: async () => {
      const tests = []
      for (const { id } of keptTests) {
        const begun = performance.now()
        if ((await firstFailure([id])) !== undefined)
          return { status: 'error', errorMessage: `fails without a mutant: ${id}` }
        tests.push({ id, name: id, status: 0, timeSpentMs: performance.now() - begun })
      }
      return { status: 'complete', tests, mutantCoverage: instrumented.mutantCoverage }
    },
    mutantRun: async (run: MutantRun) => {
      if (run.mutantActivation === 'static') return runStatic(files, run)
      instrumented.activeMutant = run.activeMutant.id
      const failed = await firstFailure(run.testFilter)
      instrumented.activeMutant = undefined
      return result(failed, run.testFilter?.length ?? keptTests.length)
    },
  }
}
createMachineTestRunner.inject = ['options'] as const

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'machine-tests', factory: createMachineTestRunner },
]

/** Stryker warns of options nobody described. */
export const strykerValidationSchema = {
  properties: {
    machineTests: {
      type: 'object',
      properties: { files: { type: 'array', items: { type: 'string' } } },
      required: ['files'],
    },
  },
}
