// A call goes on while the console is flooded (10,000 commands and a megabyte without a line end are judged in test/console;
// here a part of them): what the ear and the far end hear is as whole as it was before.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { createOperator } from '../operator/operator.js'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'
import { openFarParty } from '../support/far-party.js'
import { levelAt } from '../support/spectrum.js'
import { sine } from '../support/three-parties.js'
import { readWav, sine as samplesOf, writeWav } from '../support/wav-file.js'

t.setTimeout(90_000)
const hal = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
const secret = 'somebody-wicked'
// No whole number of waves in a packet: where one is missing the next begins elsewhere in the wave.
const own = 1130
const others = 830
/** 20 ms. */
const stretch = 160

/** Level in dBm0 of 20 ms of the tone, and where in the wave they begin, waves. */
const toneIn = (samples: Int16Array, hz: number, at: number) => {
  let [re, im] = [0, 0]
  for (let i = 0; i < stretch; i++) {
    const angle = (2 * Math.PI * hz * i) / 8000
    re += (samples[at + i] as number) * Math.cos(angle)
    im += (samples[at + i] as number) * Math.sin(angle)
  }
  return { dbm0: levelAt(samples, hz, at, at + stretch), phase: Math.atan2(-im, re) / (2 * Math.PI) }
}

/** Stretches of 20 ms in which the tone is not as loud as it should be, or before which it broke off. */
const gapsIn = (samples: Int16Array, hz: number): number => {
  let gaps = 0
  let before: number | undefined
  for (let at = 0; at + stretch <= samples.length; at += stretch) {
    const { dbm0, phase } = toneIn(samples, hz, at)
    const moved = before === undefined ? 0 : phase - before - (hz * stretch) / 8000
    const isWhole = Math.abs(dbm0 + 16) < 2 && Math.abs(moved - Math.round(moved)) < 0.1
    if (!isWhole) gaps++
    before = phase
  }
  return gaps
}

t.test('the judge counts what is missing', async t => {
  const whole = samplesOf(own, -16, 3)
  t.equal(gapsIn(whole, own), 0)
  const silent = whole.slice().fill(0, 8000, 8160)
  t.equal(gapsIn(silent, own) > 0, true)
  const without = (from: number) =>
    Int16Array.from([...whole.subarray(0, from), ...whole.subarray(from + stretch)])
  t.equal(gapsIn(without(8000), own), 1, 'a packet is missing')
  t.ok(gapsIn(without(8075), own) > 0)
})

/**
 * In a process of its own, so that the far end is not disturbed by it: logs in, and at a SIGUSR2 sends as fast as it is taken, now
 * commands, now lines without an end, until the next. Tells how many prompts came back meanwhile.
 */
const flooder = `
  import { connect } from 'node:net'
  const [path, secret] = process.argv.slice(1)
  const socket = connect(path)
  let [seen, prompts, flooding, pieces] = ['', 0, false, 0]
  const pour = () => {
    if (!flooding) return
    socket.write(pieces % 20 < 10 ? 'show board\\r'.repeat(200) : 'x'.repeat(16384))
    if (pieces++ % 20 === 19) socket.write('\\x03')
    setTimeout(pour, 20)
  }
  socket.on('data', bytes => {
    const parts = (seen + bytes).split('voiceport> ')
    if (seen === '' && parts.length === 1) socket.write(secret + '\\r')
    if (parts.length > 1 && prompts === 0) console.log('logged in')
    prompts += parts.length - 1
    seen = parts.at(-1).slice(-100)
  })
  process.on('SIGUSR2', () => {
    flooding = !flooding
    if (!flooding) console.log('prompts ' + prompts)
    prompts = 1
    pour()
  })`

t.test('a call while the console is flooded', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-flood-'))
  const operator = await createOperator(
    {
      sip: { address: '127.0.0.137', port: 5060 },
      domain: 'operator.test',
      subscribers: { '0389000001': 'secret', '0389000011': 'eleven' },
    },
    hal,
  )
  const far = await openFarParty({ number: '0389000011', password: 'eleven', address: '127.0.0.138' }, hal, {
    endpoint: operator.sip,
    domain: 'operator.test',
  })
  far.answersAfter = 100
  far.ear.says = sine(others, -16)
  writeFileSync(join(folder, 'view'), `${secret}\n`)
  const path = join(folder, 'console.sock')
  const { child, bench, stop } = await startDaemon({
    address: '127.0.0.136',
    lines: [{ id: 'tel1', user: '0389000001', password: 'secret' }],
    domain: 'operator.test',
    proxy: '127.0.0.137:5060',
    more: `[console]\nsocket = "${path}"\nviewSecretFile = "${join(folder, 'view')}"\n`,
  })
  t.teardown(async () => {
    await stop()
    await far.close()
    await operator.close()
    rmSync(folder, { recursive: true })
  })
  await child.waitFor(/"state":"registered"/)
  await child.waitFor(/console open/)
  const wicked = startChild(process.execPath, ['--input-type=module', '-e', flooder, path, secret])
  await wicked.waitFor(/logged in/)
  const from = bench.mark()
  await bench.do({ do: 'offhook' })
  await bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'dial', 5000, from)
  await bench.do({ do: 'dtmf', digits: far.number })
  await child.waitFor(/"situation":"active"/)
  const wav = join(folder, 'own.wav')
  writeWav(wav, samplesOf(own, -16, 25))
  void bench.request({ do: 'play', wav })
  // The canceller and the jitter buffer have found themselves.
  await new Promise(resolve => setTimeout(resolve, 2500))

  const listened = async (ms: number) => {
    const begun = hal.clock.now()
    const ear = join(folder, 'ear.wav')
    await bench.do({ do: 'record', wav: ear, ms })
    const told = far.ear.heard(begun, begun + ms * 1000)
    return {
      near: gapsIn(readWav(ear).samples, others),
      far: gapsIn(told, own),
      missing: ms / 20 - told.length / stretch,
    }
  }
  // Neighbours on this machine disturb a call too: what the flood does it does each time.
  let whole = false
  for (let round = 0; round < 4 && !whole; round++) {
    const quiet = await listened(2500)
    const mark = wicked.mark()
    wicked.process.kill('SIGUSR2')
    const flooded = await listened(2500)
    wicked.process.kill('SIGUSR2')
    const [, prompts] = await wicked.waitFor(/prompts (\d+)/, 5000, mark)
    t.ok(Number(prompts) > 200, `${prompts} commands were carried out meanwhile`)
    t.comment(JSON.stringify({ quiet, flooded }))
    whole =
      quiet.missing < 5 &&
      flooded.near <= quiet.near &&
      flooded.far <= quiet.far &&
      flooded.missing <= quiet.missing + 1
  }
  t.ok(whole, 'no more is missing than in a quiet call')
  await wicked.stop()
  await bench.do({ do: 'onhook' })
})
