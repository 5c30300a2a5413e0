// The programs of the demo, each a process of its own: started, waited for, ended.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Nothing that was started outlives the demo, however it ends. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})

/** `program`: its path below dist. */
export const startProcess = (program: string, args: readonly string[]): ChildProcess => {
  const path = fileURLToPath(new URL(`../../${program}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Resolves when it says `line` on standard output; rejects with a message for people. */
export const readyProcess = (child: ChildProcess, line: string, who: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    const fail = (why: string) => reject(new Error(`${who} did not start: ${why}\n${said}`))
    const limit = setTimeout(() => fail('ten seconds passed'), 10_000)
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000)
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes(line)) return
      clearTimeout(limit)
      resolve()
    })
    child.once('exit', code => {
      clearTimeout(limit)
      fail(`it ended with ${code}`)
    })
  })

/** SIGTERM, and SIGKILL where that does nothing within 4 s; resolves with the exit code. */
export const endProcess = (child: ChildProcess): Promise<number | null> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve(child.exitCode)
      return
    }
    const hard = setTimeout(() => child.kill('SIGKILL'), 4000)
    child.once('exit', code => {
      clearTimeout(hard)
      resolve(code)
    })
    child.kill('SIGTERM')
  })
