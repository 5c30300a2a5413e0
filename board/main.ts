#!/usr/bin/env node
// The one binary of the box. The daemon comes out of the bundle where there is one as new as the code; every other command,
// and the daemon without a bundle, out of the compiled files.

import { openBundle } from './bundle.js'

const words = process.argv.slice(2)
const bundle = words[0] === 'run' ? openBundle() : undefined
if (bundle) await bundle.exports.daemonLine(words)
else {
  const [{ commandLine }, { commands }] = await Promise.all([
    import('./cli/command-line.js'),
    import('./cli/commands.js'),
  ])
  await commandLine(words, commands)
}
