// The box on its real drivers with one telephone and nobody else: the bench on the host lifts it over ttyS2, a technician on
// the host logs in over ttyS1 and sees it.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BenchClient, type BenchEvent } from '../bench/bench-client.js'
import { openBenchLink } from '../bench/bench-link.js'
import { Transcript } from '../support/transcript.js'
import { type Check, longestMs, withAgent } from './check.js'
import type { Vm } from './vm.js'

const secret = 'looking-glass-41'

/** A line without an account: what is heard comes from the box alone. */
const aloneToml = (secretFile: string): string => `board = "hil-vm"
profile = "fr"
[[line]]
id = "tel1"
[sip]
listen = "127.0.0.5:5060"
[media]
listen = "127.0.0.5"
ports = [16384, 16483]
[console]
serial = "/dev/ttyS1"
viewSecretFile = "${secretFile}"
[store]
path = "/tmp/voiceport.db"
`

/** Somebody with a terminal program at the far end of the technician's cable. */
const openTerminal = async (device: string) => {
  const shown = new Transcript('the console')
  const link = await openBenchLink(device, {
    onText: text => shown.add(text),
    onEnd: error => shown.add(`\n${error.message}\n`),
  })
  return {
    /** Types it and Enter, and gives back what is shown until then. */
    type: async (text: string, until: RegExp): Promise<string> => {
      const from = shown.text.length
      link.write(`${text}\r`)
      await shown.waitFor(until, longestMs, from)
      return shown.text.slice(from)
    },
    close: () => link.close(),
  }
}

/** Logs in and asks; resolves with what is shown of the line. */
const askedAtConsole = async (device: string): Promise<string> => {
  const terminal = await openTerminal(device)
  try {
    await terminal.type('', /Password: /)
    await terminal.type(secret, /voiceport> /)
    const shown = await terminal.type('show line tel1', /telephone .*voiceport> /s)
    await terminal.type('exit', /Password: /)
    return shown
  } finally {
    await terminal.close()
  }
}

export const telephone: Check = {
  name: 'voiceport run on the board hil-vm: lifted and hung up, the pins tell the box, the lamp shows it, a tone is heard, and a technician on ttyS1 sees it',
  everyTime: false,
  run: vm => withAgent(vm, () => lifted(vm)),
}

const lifted = async (vm: Vm): Promise<readonly string[]> => {
  const config = join(vm.folder, 'voiceport.toml')
  const secretFile = join(vm.folder, 'view')
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })
  writeFileSync(config, aloneToml(secretFile))
  const daemon = vm.node('dist/board/main.js', ['run', '--config', config])
  await daemon.waitFor(/^voiceport ready$/m, longestMs)
  const bench = await BenchClient.connect(vm.bench)
  const seen = (wanted: (event: BenchEvent) => boolean) => bench.waitFor(wanted, longestMs)
  try {
    await bench.do({ do: 'offhook' })
    await seen(({ ev, state }) => ev === 'loop' && state === 'closed')
    await daemon.waitFor(/"situation":"dial-tone"/, longestMs)
    await seen(({ ev, led, pattern }) => ev === 'led' && led === 'line' && pattern === 'fast')
    // Nobody has registered: the cadence of congestion. What a late host cuts out of it gives it other names.
    const tone = await seen(({ ev, hz }) => ev === 'tone' && String(hz) === '440')
    const shown = await askedAtConsole(vm.technician)
    assert.match(shown, /telephone +off the hook/)
    assert.doesNotMatch(shown, new RegExp(secret))
    await bench.do({ do: 'onhook' })
    await seen(({ ev, state }) => ev === 'loop' && state === 'open')
    await daemon.waitFor(/"situation":"idle"/, longestMs)
    await daemon.stop()
    assert.equal(await daemon.exit(), 0, 'the daemon ends in order')
    const { name, onMs, offMs } = tone
    const line = /^ *telephone .*$/m.exec(shown)?.[0].trim() ?? ''
    return [`the ear called the tone ${name}, ${onMs} ms on and ${offMs} ms off`, `ttyS1 shows: ${line}`]
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${daemon.output().slice(-3000)}`)
  } finally {
    await bench.close()
    await daemon.stop()
  }
}
