// What to do about a sound device: each complaint of ALSA, the list of cards, and the probe against programs that complain.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { probeAlsa } from '../../../hal/linux/alsa-probe.js'
import { soundCards, troubleFrom } from '../../../hal/linux/alsa-trouble.js'
import { findProgram } from '../../support/child.js'

const folder = await mkdtemp(join(tmpdir(), 'voiceport-probe-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))

t.test('each complaint has its kind and its remedy', async t => {
  const said = (complaint: string, device = 'hw:0') => {
    const { kind, fix } = troubleFrom(device, complaint)
    return [kind, fix]
  }
  t.match(said('arecord: main:831: audio open error: No such file or directory'), ['missing', /board file; /])
  t.match(said('ALSA lib pcm.c:2666:(snd_pcm_open_noupdate) Unknown PCM codec'), ['missing', /board file/])
  t.match(said('arecord: main:831: audio open error: Device or resource busy'), ['in-use', /fuser -v/])
  t.match(said('arecord: main:831: audio open error: Permission denied'), ['permission', /group audio/])
  t.match(said('arecord: set_params:1352: Sample format non available'), ['unsupported', /plughw:0/])
  t.match(said('arecord: set_params:1358: Channels count non available'), ['unsupported', /plughw:0/])
  t.match(said('Warning: rate is not accurate (requested = 8000Hz, got = 48000Hz)'), [
    'unsupported',
    /plughw:0/,
  ])
  t.match(said('Sample format non available', 'plughw:0'), ['unsupported', /codec/])
  t.match(said('spawn arecord ENOENT'), ['missing', /install alsa-utils/])
  t.match(said('arecord: pcm_read:2221: read error: Input/output error'), ['io', /dmesg/])
  t.match(troubleFrom('hw:0', '').message, /ended without a word/)
})

t.test('the cards of the kernel', async t => {
  const list = join(folder, 'cards')
  await writeFile(
    list,
    ' 0 [Loopback       ]: Loopback - Loopback\n                      Loopback 1\n 1 [Codec          ]: USB-Audio - USB Codec\n',
  )
  t.strictSame(soundCards(list), ['hw:0 (Loopback)', 'hw:1 (Codec)'])
  t.strictSame(soundCards(join(folder, 'none')), [])
})

t.test('the probe tells formats, or what is wrong', async t => {
  const program = async (name: string, script: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
    return path
  }
  const table = `cat >&2 <<END
HW Params of device "hw:1":
--------------------
ACCESS:  MMAP_INTERLEAVED RW_INTERLEAVED
FORMAT:  S16_LE S32_LE
CHANNELS: [1 32]
RATE: [8000 192000]
PERIOD_SIZE: [32 65536]
--------------------
END`
  const good = await program('good', table)
  const fast = await program(
    'fast',
    `${table}\necho 'Warning: rate is not accurate (requested = 8000Hz, got = 48000Hz)' >&2`,
  )
  const busy = await program('busy', "echo 'audio open error: Device or resource busy' >&2; exit 1")
  const format = await program(
    'format',
    `${table}\necho 'aplay: set_params:1352: Sample format non available' >&2; exit 1`,
  )
  const still = await program('still', 'exec sleep 60')
  const formats = {
    formats: ['S16_LE', 'S32_LE'],
    channels: '[1 32]',
    rate: '[8000 192000]',
    periodSize: '[32 65536]',
  }
  const probe = (arecord: string, aplay: string) => probeAlsa('hw:1', { programs: { arecord, aplay } })
  t.strictSame(await probe(good, good), { ok: true, capture: formats, playback: formats })
  t.match(await probe(busy, good), { ok: false, kind: 'in-use' })
  t.match(await probe(good, format), { ok: false, kind: 'unsupported', message: /S16_LE/, fix: /plughw:1/ })
  t.match(await probe(fast, good), { ok: false, kind: 'unsupported', message: /8000 samples/ })
  t.match(await probe(still, good), { ok: false, kind: 'io', message: /gives no samples/, fix: /PCM clock/ })
  t.match(await probe('/nowhere/arecord', good), { ok: false, kind: 'missing', fix: /alsa-utils/ })
})

t.test(
  'the real programs',
  { skip: findProgram('arecord') ? false : 'arecord is not installed' },
  async t => {
    const config = join(folder, 'asound.conf')
    await writeFile(config, 'pcm.nothing { type null }\n')
    const env = { ...process.env, ALSA_CONFIG_PATH: config }
    t.match(await probeAlsa('nothing', { env }), { ok: true, capture: { formats: /S16_LE/ } })
    t.match(await probeAlsa('hw:29'), { ok: false, kind: 'missing', fix: /board file/ })
  },
)
