// libasound.so.2 (alsa-lib 1.2, pcm.h) through koffi: the few calls a stream needs. Loaded on first use.

import { HalError } from '../errors.js'

/** A C object, only ever handed back. */
export type Handle = object

export interface Libasound {
  open(pcm: [Handle | null], name: string, stream: number, mode: number): number
  close(pcm: Handle): number
  hwMalloc(params: [Handle | null]): number
  hwFree(params: Handle): void
  hwAny(pcm: Handle, params: Handle): number
  hwAccess(pcm: Handle, params: Handle, access: number): number
  hwFormat(pcm: Handle, params: Handle, format: number): number
  hwChannels(pcm: Handle, params: Handle, channels: number): number
  hwRate(pcm: Handle, params: Handle, rate: number, direction: number): number
  /** `samples` goes in and comes out; both near functions change what they are given. */
  hwPeriodNear(pcm: Handle, params: Handle, samples: Int32Array, direction: null): number
  hwBufferNear(pcm: Handle, params: Handle, samples: Int32Array): number
  hwInstall(pcm: Handle, params: Handle): number
  swMalloc(params: [Handle | null]): number
  swFree(params: Handle): void
  swCurrent(pcm: Handle, params: Handle): number
  swAvailMin(pcm: Handle, params: Handle, samples: number): number
  swStart(pcm: Handle, params: Handle, samples: number): number
  swInstall(pcm: Handle, params: Handle): number
  prepare(pcm: Handle): number
  start(pcm: Handle): number
  resume(pcm: Handle): number
  drop(pcm: Handle): number
  /** Samples a channel that can be read or written now, or a negative error number. */
  avail(pcm: Handle): number
  delay(pcm: Handle, samples: Int32Array): number
  wait(pcm: Handle, ms: number): number
  readi(pcm: Handle, into: Int16Array, samples: number): number
  writei(pcm: Handle, from: Int16Array, samples: number): number
  strerror(error: number): string
}

export const stream = { playback: 0, capture: 1 } as const
export const nonBlocking = 1
export const interleaved = 3 /* SND_PCM_ACCESS_RW_INTERLEAVED */
export const s16le = 2 /* SND_PCM_FORMAT_S16_LE */
/** As the calls return them. */
export const failure = { again: -11, pipe: -32, suspended: -86 } as const

const prototypes: Readonly<Record<keyof Libasound, string>> = {
  open: 'int snd_pcm_open(_Out_ void **, const char *, int, int)',
  close: 'int snd_pcm_close(void *)',
  hwMalloc: 'int snd_pcm_hw_params_malloc(_Out_ void **)',
  hwFree: 'void snd_pcm_hw_params_free(void *)',
  hwAny: 'int snd_pcm_hw_params_any(void *, void *)',
  hwAccess: 'int snd_pcm_hw_params_set_access(void *, void *, int)',
  hwFormat: 'int snd_pcm_hw_params_set_format(void *, void *, int)',
  hwChannels: 'int snd_pcm_hw_params_set_channels(void *, void *, uint)',
  hwRate: 'int snd_pcm_hw_params_set_rate(void *, void *, uint, int)',
  hwPeriodNear: 'int snd_pcm_hw_params_set_period_size_near(void *, void *, void *, void *)',
  hwBufferNear: 'int snd_pcm_hw_params_set_buffer_size_near(void *, void *, void *)',
  hwInstall: 'int snd_pcm_hw_params(void *, void *)',
  swMalloc: 'int snd_pcm_sw_params_malloc(_Out_ void **)',
  swFree: 'void snd_pcm_sw_params_free(void *)',
  swCurrent: 'int snd_pcm_sw_params_current(void *, void *)',
  swAvailMin: 'int snd_pcm_sw_params_set_avail_min(void *, void *, ulong)',
  swStart: 'int snd_pcm_sw_params_set_start_threshold(void *, void *, ulong)',
  swInstall: 'int snd_pcm_sw_params(void *, void *)',
  prepare: 'int snd_pcm_prepare(void *)',
  start: 'int snd_pcm_start(void *)',
  resume: 'int snd_pcm_resume(void *)',
  drop: 'int snd_pcm_drop(void *)',
  avail: 'long snd_pcm_avail(void *)',
  delay: 'int snd_pcm_delay(void *, void *)',
  wait: 'int snd_pcm_wait(void *, int)',
  readi: 'long snd_pcm_readi(void *, void *, ulong)',
  writei: 'long snd_pcm_writei(void *, const void *, ulong)',
  strerror: 'const char *snd_strerror(int)',
}

/** Rejects with HalError 'unsupported' where koffi or the library cannot be loaded. */
export const loadLibasound = async (library = 'libasound.so.2'): Promise<Libasound> => {
  try {
    const { default: koffi } = await import('koffi')
    const loaded = koffi.load(library)
    const calls = Object.entries(prototypes).map(([name, prototype]) => [name, loaded.func(prototype)])
    return Object.fromEntries(calls) as Libasound
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new HalError('unsupported', `${library} cannot be loaded (${detail}): install libasound2`, {
      cause: error,
    })
  }
}
