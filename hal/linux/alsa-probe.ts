// Whether a sound device will do, tried for real: one frame captured, one frame of silence played, and what formats the
// hardware offers, as arecord and aplay --dump-hw-params tell.

import { execFile } from 'node:child_process'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../pcm-port.js'
import { type AlsaTrouble, silentDevice, troubleFrom } from './alsa-trouble.js'

/** A device whose clock stands still never gives a sample, ms. */
const patienceMs = 3000

/** As ALSA writes them: a list of names, a figure, or a range `[8000 48000]`. */
export interface AlsaFormats {
  readonly formats: readonly string[]
  readonly channels: string
  readonly rate: string
  readonly periodSize: string
}

export type AlsaProbe =
  | { readonly ok: true; readonly capture: AlsaFormats; readonly playback: AlsaFormats }
  | ({ readonly ok: false } & AlsaTrouble)

export interface AlsaProbeOptions {
  /** Default: the same as `device`. */
  readonly playback?: string
  readonly channels?: number
  readonly programs?: { readonly arecord: string; readonly aplay: string }
  readonly env?: NodeJS.ProcessEnv
}

/** Never rejects. Takes the device for some 20 ms. */
export const probeAlsa = async (device: string, options: AlsaProbeOptions = {}): Promise<AlsaProbe> => {
  const { playback = device, channels = 1 } = options
  const { arecord, aplay } = options.programs ?? { arecord: 'arecord', aplay: 'aplay' }
  const heard = await tryOnce(arecord, device, channels, '/dev/null', options.env)
  if ('kind' in heard) return { ok: false, ...heard }
  const played = await tryOnce(aplay, playback, channels, '/dev/zero', options.env)
  if ('kind' in played) return { ok: false, ...played }
  return { ok: true, capture: heard, playback: played }
}

const tryOnce = (
  program: string,
  device: string,
  channels: number,
  file: string,
  env = process.env,
): Promise<AlsaFormats | AlsaTrouble> =>
  new Promise(resolve => {
    const args = [
      `--device=${device}`,
      '--dump-hw-params',
      '--file-type=raw',
      '--format=S16_LE',
      `--rate=${SAMPLE_RATE}`,
      `--channels=${channels}`,
      `--samples=${FRAME_SAMPLES}`,
      file,
    ]
    const limits = { timeout: patienceMs, killSignal: 'SIGKILL', env: { ...env, LC_ALL: 'C' } } as const
    execFile(program, args, limits, (error, _out, complaint) => {
      if (error === null && !complaint.includes('rate is not accurate')) resolve(formatsIn(complaint))
      else if (error?.killed === true) resolve(silentDevice(device))
      else resolve(troubleFrom(device, `${complaint.replace(dump, '')}\n${spawnFailure(error)}`))
    })
  })

/** The table of a refused device names rates and formats too. */
const dump = /^HW Params of device[\s\S]*?^-+\n[\s\S]*?^-+\n/m

const spawnFailure = (error: Error | null): string =>
  error?.message.startsWith('spawn ') ? error.message : ''

const formatsIn = (complaint: string): AlsaFormats => {
  const value = (name: string): string =>
    new RegExp(`^${name}: +(.*)$`, 'm').exec(complaint)?.[1]?.trim() ?? ''
  return {
    formats: value('FORMAT').split(/\s+/).filter(Boolean),
    channels: value('CHANNELS'),
    rate: value('RATE'),
    periodSize: value('PERIOD_SIZE'),
  }
}
