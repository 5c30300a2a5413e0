// A library in place of libasound.so.2, compiled from C: one codec on the monotonic clock, with the buffers, xruns and error
// numbers of a real one. A test tells it what to sound, what to refuse, and asks what was played.

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import koffi from 'koffi'

const source = `
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
typedef struct { int capture, running, xrun, suspended, slept, gone; double t0; long appl, base, buffer, start; } pcm;
static pcm *streams[2];
static double hz, peak, held; static long sample;
static short played[8000 * 120]; static long kept;
static double loud; static char refused[40]; static int refusal, resumes;
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static long hw(pcm *p) { return p->running ? p->base + (long)((now() - p->t0) / 125) : p->base; }
static int refuses(const char *call) { return strcmp(call, refused) == 0 ? refusal : 0; }
static void look(pcm *p) {
  if (!p->running) return;
  long at = hw(p);
  if (p->capture ? at - p->appl > p->buffer : at >= p->appl) { p->running = 0; p->xrun = 1; p->base = p->appl; }
}
static int state(pcm *p) { look(p); return p->gone ? -ENODEV : p->suspended ? -ESTRPIPE : p->xrun ? -EPIPE : 0; }
void standin_tone(double f, double dbm0) { hz = f; peak = 32767 * pow(10, (dbm0 - 3.14) / 20); }
void standin_refuse(const char *call, int error) { snprintf(refused, sizeof refused, "%s", call); refusal = error; }
void standin_suspend(void) { for (int i = 0; i < 2; i++) if (streams[i]) { pcm *p = streams[i]; look(p); p->base = hw(p); p->slept = p->running; p->suspended = 1; p->running = 0; } }
void standin_resumes(int on) { resumes = on; }
void standin_unplug(void) { for (int i = 0; i < 2; i++) if (streams[i]) streams[i]->gone = 1; }
double standin_loud(void) { return loud; }
long standin_played(void) { return kept; }
void standin_copy(short *into, long from, long count) { memcpy(into, played + from, count * 2); }
int snd_pcm_open(void **out, const char *name, int stream, int mode) {
  int r = refuses("open"); if (r) return r;
  pcm *p = calloc(1, sizeof *p); p->capture = stream; p->buffer = 320; p->start = 1; streams[stream] = p; *out = p; return mode == 1 ? 0 : -EINVAL;
}
int snd_pcm_close(void *h) { pcm *p = h; if (streams[p->capture] == p) streams[p->capture] = 0; free(p); return 0; }
int snd_pcm_hw_params_malloc(void **out) { *out = malloc(8); return 0; }
void snd_pcm_hw_params_free(void *h) { free(h); }
int snd_pcm_hw_params_any(void *p, void *h) { return 0; }
int snd_pcm_hw_params_set_access(void *p, void *h, int access) { return access == 3 ? 0 : -EINVAL; }
int snd_pcm_hw_params_set_format(void *p, void *h, int format) { return format == 2 ? refuses("format") : -EINVAL; }
int snd_pcm_hw_params_set_channels(void *p, void *h, unsigned n) { return n == 1 ? 0 : -EINVAL; }
int snd_pcm_hw_params_set_rate(void *p, void *h, unsigned rate, int dir) { return rate == 8000 ? refuses("rate") : -EINVAL; }
int snd_pcm_hw_params_set_period_size_near(void *p, void *h, unsigned long *n, int *dir) { return *n == 80 ? 0 : -EINVAL; }
int snd_pcm_hw_params_set_buffer_size_near(void *p, void *h, unsigned long *n) { return *n == 320 ? 0 : -EINVAL; }
int snd_pcm_hw_params(void *p, void *h) { return 0; }
int snd_pcm_sw_params_malloc(void **out) { *out = malloc(8); return 0; }
void snd_pcm_sw_params_free(void *h) { free(h); }
int snd_pcm_sw_params_current(void *p, void *h) { return 0; }
int snd_pcm_sw_params_set_avail_min(void *p, void *h, unsigned long n) { return 0; }
int snd_pcm_sw_params_set_start_threshold(void *h, void *params, unsigned long n) { ((pcm *)h)->start = n; return 0; }
int snd_pcm_sw_params(void *p, void *h) { return 0; }
int snd_pcm_prepare(void *h) { pcm *p = h; if (p->gone) return -ENODEV; if (p->running) return -EBUSY; p->xrun = p->suspended = p->running = 0; p->base = p->appl; return 0; }
int snd_pcm_start(void *h) { pcm *p = h; p->t0 = now(); p->running = 1; return 0; }
int snd_pcm_resume(void *h) { pcm *p = h; if (!resumes) return -ENOSYS; p->suspended = 0; p->t0 = now(); p->running = p->slept; return 0; }
int snd_pcm_drop(void *h) { ((pcm *)h)->running = 0; return 0; }
long snd_pcm_avail(void *h) { pcm *p = h; int r = state(p); if (r) return r; return p->capture ? hw(p) - p->appl : p->buffer - (p->appl - hw(p)); }
int snd_pcm_delay(void *h, long *out) { pcm *p = h; int r = state(p); if (r) return r; *out = p->capture ? hw(p) - p->appl : p->appl - hw(p); return 0; }
int snd_pcm_wait(void *h, int ms) {
  pcm *p = h; double until = now() + ms * 1e3;
  struct timespec t = { 0, 100000 };
  while (now() < until) { long n = snd_pcm_avail(h); if (n < 0) return n; if (n >= 80) return 1; nanosleep(&t, 0); }
  return 0;
}
long snd_pcm_readi(void *h, short *into, unsigned long n) {
  pcm *p = h; int r = state(p); if (r) return r;
  long have = hw(p) - p->appl; if (have <= 0) return -EAGAIN; if (have < (long)n) n = have;
  for (unsigned long i = 0; i < n; i++) into[i] = lrint(peak * sin(2 * M_PI * hz * sample++ / 8000));
  p->appl += n; return n;
}
long snd_pcm_writei(void *h, const short *from, unsigned long n) {
  pcm *p = h; int r = state(p); if (r) return r;
  long room = p->buffer - (p->appl - hw(p)); if (room <= 0) return -EAGAIN; if (room < (long)n) n = room;
  for (unsigned long i = 0; i < n; i++) {
    if (kept < (long)(sizeof played / 2)) played[kept++] = from[i];
    if (abs(from[i]) > 20000 && p->running) loud = p->t0 + (p->appl + (long)i - p->base) * 125.0;
  }
  p->appl += n;
  if (!p->running && p->appl - p->base >= p->start) { p->t0 = now(); p->running = 1; }
  return n;
}
const char *snd_strerror(int error) { return strerror(-error); }
`

export interface StandInLibrary {
  readonly path: string
  tone(hz: number, dbm0: number): void
  /** That call fails: `open`, `format` or `rate`; with error 0 none does. */
  refuse(call: string, error: number): void
  suspend(): void
  /** A suspended device goes on where it was when it is told to; at first it cannot, and must be prepared anew. */
  resumes(can: boolean): void
  /** The device is gone; it can be opened anew at once. */
  unplug(): void
  /** When the last loud sample is played, µs. */
  loud(): number
  /** What was written between the two calls of it. */
  record(work: () => Promise<void>): Promise<Int16Array>
  close(): Promise<void>
}

/** Throws with what the compiler says. */
export const buildStandInLibrary = async (): Promise<StandInLibrary> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-libasound-'))
  const path = join(folder, 'libasound-stand-in.so')
  await writeFile(join(folder, 'stand-in.c'), source)
  const args = ['-O1', '-shared', '-fPIC', '-o', path, join(folder, 'stand-in.c'), '-lm']
  const compiled = spawnSync('gcc', args, { encoding: 'utf8' })
  if (compiled.status !== 0) throw new Error(compiled.stderr)
  const library = koffi.load(path)
  const played: () => number = library.func('long standin_played(void)')
  const copy = library.func('void standin_copy(_Out_ int16_t *, long, long)')
  return {
    path,
    tone: library.func('void standin_tone(double, double)'),
    refuse: library.func('void standin_refuse(const char *, int)'),
    suspend: library.func('void standin_suspend(void)'),
    resumes: library.func('void standin_resumes(bool)'),
    unplug: library.func('void standin_unplug(void)'),
    loud: library.func('double standin_loud(void)'),
    record: async work => {
      const from = played()
      await work()
      const samples = new Int16Array(played() - from)
      copy(samples, from, samples.length)
      return samples
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A library for as long as `work` takes. */
export const withStandInLibrary = async <T>(work: (library: StandInLibrary) => Promise<T>): Promise<T> => {
  const library = await buildStandInLibrary()
  try {
    return await work(library)
  } finally {
    await library.close()
  }
}
