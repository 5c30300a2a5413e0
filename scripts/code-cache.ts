// Starts the bundled daemon once, to `voiceport ready`, and writes down what V8 has compiled by then: later starts take it
// instead of compiling again. A process of its own, since V8's flags and state must be those of a daemon.
// node code-cache.js DIST CONFIG

import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFiles, openBundle } from '../board/bundle.js'

const [compiled = '', config = ''] = process.argv.slice(2)
const bundle = openBundle(compiled)
if (bundle === undefined) throw new Error(`${compiled} has no bundle`)

// Ends the process by itself when all went well.
const code = await bundle.exports.runCommand.run({
  values: { config },
  positionals: [],
  stdin: process.stdin,
  out: () => {
    const file = join(compiled, bundleFiles.codeCache)
    // In one step: a daemon may start meanwhile.
    writeFileSync(`${file}.unfinished`, bundle.script.createCachedData())
    renameSync(`${file}.unfinished`, file)
    process.kill(process.pid, 'SIGTERM')
  },
})
process.exit(code)
