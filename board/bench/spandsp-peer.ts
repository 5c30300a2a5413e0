// libspandsp beside our own signal code: a C harness compiled in a temporary folder, only where gcc and the library's
// headers are installed. It is a measuring stick; nothing of it is shipped or needed.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

const source = `
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <spandsp.h>

/* The library's echo canceller prints for every sample; that must not be measured. */
int printf(const char *f, ...) { (void) f; return 0; }
int __printf_chk(int flag, const char *f, ...) { (void) flag; (void) f; return 0; }
int puts(const char *s) { (void) s; return 0; }
int putchar(int c) { return c; }

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static int16_t *load(const char *name, long *bytes) {
  FILE *f = fopen(name, "rb");
  if (!f) exit(1);
  fseek(f, 0, SEEK_END);
  *bytes = ftell(f);
  rewind(f);
  int16_t *data = malloc(*bytes + 2);
  if (fread(data, 1, *bytes, f) != (size_t) *bytes) exit(1);
  fclose(f);
  return data;
}

/* dtmf IN OUT: IN holds cases, an int32 count of samples and the samples each; OUT gets a line of digits a case. */
static int dtmf(const char *in, const char *out) {
  long bytes, at = 0;
  char *data = (char *) load(in, &bytes);
  FILE *f = fopen(out, "w");
  double spent = 0, samples = 0;
  while (at < bytes) {
    int32_t n;
    char digits[4096];
    memcpy(&n, data + at, 4);
    int16_t *pcm = (int16_t *) (data + at + 4);
    dtmf_rx_state_t *s = dtmf_rx_init(NULL, NULL, NULL);
    double begin = cpu();
    size_t got = 0;
    for (int i = 0; i < n; i += 80) {
      dtmf_rx(s, pcm + i, n - i < 80 ? n - i : 80);
      got += dtmf_rx_get(s, digits + got, (int) (sizeof digits - got - 1));
    }
    spent += cpu() - begin;
    samples += n;
    digits[got] = 0;
    fprintf(f, "%s\\n", digits);
    dtmf_rx_free(s);
    at += 4 + 2L * n;
  }
  fprintf(f, "%.3f\\n", spent / samples);
  return fclose(f);
}

/* echo NEAR FAR OUT: raw files; OUT gets the clean samples, OUT.ns the time of a sample. */
static int echo(const char *near, const char *far, const char *out) {
  long bytes, more;
  int16_t *rx = load(near, &bytes), *tx = load(far, &more);
  long n = bytes / 2;
  int16_t *clean = malloc(bytes);
  echo_can_state_t *ec = echo_can_init(256, ECHO_CAN_USE_ADAPTION);
  double begin = cpu();
  for (long i = 0; i < n; i++) clean[i] = echo_can_update(ec, tx[i], rx[i]);
  double spent = cpu() - begin;
  FILE *f = fopen(out, "wb");
  fwrite(clean, 2, n, f);
  fclose(f);
  char name[4096];
  snprintf(name, sizeof name, "%s.ns", out);
  f = fopen(name, "w");
  fprintf(f, "%.3f\\n", spent / n);
  return fclose(f);
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "dtmf")) return dtmf(argv[2], argv[3]);
  if (argc == 5 && !strcmp(argv[1], "echo")) return echo(argv[2], argv[3], argv[4]);
  return 2;
}
`

export interface SpandspPeer {
  /** Digits heard in each case, and ns of CPU a sample. */
  dtmf(
    cases: readonly Int16Array[],
  ): Promise<{ readonly heard: readonly string[]; readonly nsPerSample: number }>
  /** `near` without the echo of `far` (256 taps, adaptation only), and ns of CPU a sample. */
  echo(
    near: Int16Array,
    far: Int16Array,
  ): Promise<{ readonly clean: Int16Array; readonly nsPerSample: number }>
}

const bytesOf = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)

/** Runs `use` with the library, or returns the reason why it cannot be had. */
export const withSpandsp = <T>(use: (peer: SpandspPeer) => Promise<T>): Promise<Had<T>> =>
  withSpandspProgram(source, file => use(peerIn(file)))

/** What came of a program that needs the library, or the reason why it cannot be had. */
export type Had<T> = { readonly value: T } | { readonly reason: string }

/** Compiles a C program against the library; `use` finds it as `file('peer')` in a temporary folder. */
export const withSpandspProgram = async <T>(
  program: string,
  use: (file: (name: string) => string) => Promise<T>,
): Promise<Had<T>> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-spandsp-'))
  const file = (name: string) => join(folder, name)
  try {
    await writeFile(file('peer.c'), program)
    const built = await execute('gcc', [
      '-O2',
      '-rdynamic',
      '-o',
      file('peer'),
      file('peer.c'),
      '-lspandsp',
    ]).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (built) return { reason: 'gcc or libspandsp-dev is not installed' }
    return { value: await use(file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Recordings in one file: an int32 count of samples and the samples of each. */
export const casesFile = (cases: readonly Int16Array[]): Buffer =>
  Buffer.concat(
    cases.flatMap(pcm => {
      const count = Buffer.alloc(4)
      count.writeInt32LE(pcm.length)
      return [count, bytesOf(pcm)]
    }),
  )

const peerIn = (file: (name: string) => string): SpandspPeer => ({
  dtmf: async cases => {
    await writeFile(file('cases'), casesFile(cases))
    await execute(file('peer'), ['dtmf', file('cases'), file('digits')])
    const lines = (await readFile(file('digits'), 'utf8')).trimEnd().split('\n')
    return { heard: lines.slice(0, -1), nsPerSample: Number(lines.at(-1)) }
  },
  echo: async (near, far) => {
    await writeFile(file('near'), bytesOf(near))
    await writeFile(file('far'), bytesOf(far))
    await execute(file('peer'), ['echo', file('near'), file('far'), file('clean')])
    const bytes = await readFile(file('clean'))
    const clean = Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i))
    return { clean, nsPerSample: Number(await readFile(file('clean.ns'), 'utf8')) }
  },
})
