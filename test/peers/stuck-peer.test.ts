// A peer of which a process does not end holds up nobody, and is gone all the same.

import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { startChild } from '../support/child.js'

const stuck = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('stuck ' + process.pid)`
const forks = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' })`

/** Of a process that runs; empty for one that is gone, or dead and not yet taken note of by its parent. */
const commandOf = (pid: number): string =>
  existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''

t.test('stopped, it takes with it what it forked and what holds on to its output', async t => {
  const peer = startChild(process.execPath, ['-e', forks, stuck], { forks: true })
  t.teardown(() => peer.stop())
  const [, pid] = await peer.waitFor(/stuck (\d+)/)
  t.match(commandOf(Number(pid)), 'stuck')
  await peer.stop()
  t.equal(commandOf(Number(pid)), '')
})
