// What to do about a sound device: each complaint of ALSA, the list of cards, and the probe against programs that complain.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { probeAlsa } from '../../../hal/linux/alsa-probe.js'
import { playbackStatusFile, readStreamStatus } from '../../../hal/linux/alsa-status.js'
import { soundCards, troubleFrom } from '../../../hal/linux/alsa-trouble.js'
import { PlaybackLevel } from '../../../hal/linux/playback-level.js'
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

t.test('what the kernel tells of a stream', async t => {
  t.equal(playbackStatusFile('hw:1,0'), '/proc/asound/card1/pcm0p/sub0/status')
  t.equal(playbackStatusFile('hw:CARD=Codec,DEV=2,SUBDEV=3'), '/proc/asound/Codec/pcm2p/sub3/status')
  t.equal(playbackStatusFile('hw:Loopback,1,0', '/x'), '/x/Loopback/pcm1p/sub0/status')
  t.equal(playbackStatusFile('plughw:1,0'), undefined, 'behind a plug-in other samples are counted')
  const file = join(folder, 'status')
  const status = (state: string) =>
    writeFile(
      file,
      `state: ${state}\nowner_pid   : 417\ntrigger_time: 12.500\ntstamp      : 0.0\ndelay       : 160\navail       : 160\navail_max   : 240\n-----\nhw_ptr      : 8000\nappl_ptr    : 8160\n`,
    )
  await status('RUNNING')
  t.strictSame(readStreamStatus(file), { running: true, owner: 417, delay: 160, written: 8160 })
  await status('XRUN')
  t.match(readStreamStatus(file), { running: false, owner: 417 })
  await status('PREPARED')
  t.equal(readStreamStatus(file), undefined)
  await writeFile(file, 'closed\n')
  t.equal(readStreamStatus(file), undefined)
  t.equal(readStreamStatus(join(folder, 'none')), undefined)
})

t.test('what lies behind a pipe is reckoned, and put right by who knows', async t => {
  const level = new PlaybackLevel(160)
  t.equal(level.at(0), -1, 'nothing is there yet')
  level.wrote(100)
  t.equal(level.at(5000), 80, 'too little to begin')
  level.wrote(5000)
  t.equal(level.at(5060), 100)
  level.correct(170, 5060)
  t.equal(level.at(5060), 100, 'less than a frame is no difference')
  level.correct(900, 5060)
  t.equal(level.at(5160), 800)
  t.equal(level.at(5960), -1, 'dry')
  for (let n = 0; n < 10; n++) level.wrote(6000 + n * 80)
  t.equal(level.at(6740), 140, 'the codec took what came, but for the first frame')
  t.equal(level.wasDryFor(500, 6740), 480, 'it did not: of six frames since, none was played')
  t.equal(level.wasDryFor(40, 6800), 0, 'nothing was written since: it is not there')
  t.equal(level.at(6800), -1)
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
