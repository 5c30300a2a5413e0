// Two decoders of caller identity that share no code with ours, both from Debian: libspandsp's receiver of display data
// (a C program compiled here) and multimon-ng's CLIPFSK.

import { execFile, spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { casesFile, type Had, withSpandspProgram } from '../../board/bench/spandsp-peer.js'
import { encodeWav } from '../../board/wav.js'

const execute = promisify(execFile)

const program = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spandsp.h>

static FILE *out;
static adsi_rx_state_t *receiver;

static void hex(const uint8_t *bytes, int n) {
  for (int i = 0; i < n; i++) fprintf(out, "%02x", bytes[i]);
}

/* The whole message, then each field as the library takes it apart. */
static void heard(void *user, const uint8_t *message, int length) {
  int position = -1, size;
  uint8_t type;
  const uint8_t *body;
  hex(message, length);
  do {
    position = adsi_next_field(receiver, message, length, position, &type, &body, &size);
    if (position > 0 && body) {
      fprintf(out, " %02x:", type);
      hex(body, size);
    }
  } while (position > 0);
  fprintf(out, "|");
}

/* peer STANDARD,… IN OUT: a line a recording; the last standard is that of all that follow. */
int main(int argc, char **argv) {
  FILE *in = fopen(argv[2], "rb");
  const char *standard = argv[1];
  int32_t n;
  out = fopen(argv[3], "w");
  if (argc != 4 || !in || !out) return 2;
  while (fread(&n, 4, 1, in) == 1) {
    int16_t *pcm = malloc(2L * n + 2);
    if (fread(pcm, 2, n, in) != (size_t) n) return 1;
    receiver = adsi_rx_init(NULL, atoi(standard), heard, NULL);
    if (strchr(standard, ',')) standard = strchr(standard, ',') + 1;
    adsi_rx(receiver, pcm, n);
    adsi_rx_free(receiver);
    free(pcm);
    fprintf(out, "\\n");
  }
  return fclose(out);
}
`

/** Numbers of the library for its standards. */
const standards = { class: 1, clip: 2, 'clip-dtmf': 5 } as const
export type Standard = keyof typeof standards

export interface HeardField {
  readonly type: number
  readonly text: string
  readonly bytes: Buffer
}

export interface HeardMessage {
  /** Without the checksum, which the library has tested. */
  readonly bytes: Buffer
  readonly fields: readonly HeardField[]
}

const messageOf = (told: string): HeardMessage => {
  const [whole = '', ...fields] = told.split(' ')
  return {
    bytes: Buffer.from(whole, 'hex'),
    fields: fields.map(field => {
      const bytes = Buffer.from(field.slice(3), 'hex')
      return { type: Number.parseInt(field.slice(0, 2), 16), text: bytes.toString('latin1'), bytes }
    }),
  }
}

/** What libspandsp hears in each recording (8 kHz), by one standard or one for each, or why it cannot be asked. */
export const heardBySpandsp = (
  standard: Standard | readonly Standard[],
  recordings: readonly Int16Array[],
): Promise<Had<readonly (readonly HeardMessage[])[]>> =>
  withSpandspProgram(program, async file => {
    await writeFile(file('in'), casesFile(recordings))
    const numbers = [standard].flat().map(name => standards[name])
    await execute(file('peer'), [numbers.join(), file('in'), file('out')])
    const lines = (await readFile(file('out'), 'utf8')).split('\n').slice(0, -1)
    return lines.map(line => line.split('|').slice(0, -1).map(messageOf))
  })

const missing = ['multimon-ng', 'sox'].find(name => spawnSync('which', [name]).status !== 0)

/** Why multimon-ng cannot be asked; false: it can. */
export const noMultimon: string | false = missing === undefined ? false : `${missing} is not installed`

/** The lines multimon-ng prints about one recording (8 kHz), which sox brings to the rate that it wants. */
export const heardByMultimon = (recording: Int16Array): readonly string[] => {
  const wanted = ['-t', 'raw', '-r', '22050', '-e', 'signed-integer', '-b', '16', '-c', '1', '-']
  const raw = spawnSync('sox', ['-R', '-t', 'wav', '-', ...wanted], {
    input: encodeWav(recording),
    maxBuffer: 1 << 27,
  })
  if (raw.status !== 0) throw new Error(`sox: ${raw.stderr}`)
  const told = spawnSync('multimon-ng', ['-q', '-c', '-a', 'CLIPFSK', '-t', 'raw', '-'], {
    input: raw.stdout,
  })
  if (told.status !== 0) throw new Error(`multimon-ng: ${told.stderr}`)
  return told.stdout
    .toString('latin1')
    .split('\n')
    .filter(line => line !== '')
}
