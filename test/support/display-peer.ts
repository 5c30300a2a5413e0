// A sender of caller identity that is not ours: libspandsp's adsi_tx, in a C program compiled here, makes recordings of
// messages for the display of the virtual telephone.

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Had, withSpandspProgram } from '../../board/bench/spandsp-peer.js'

const execute = promisify(execFile)

const program = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <spandsp.h>

/* peer IN OUT: IN has a line a message: standard, alert tone first, count of bytes, bytes. OUT: count, samples. */
int main(int argc, char **argv) {
  FILE *in = fopen(argv[1], "r"), *out = fopen(argv[2], "wb");
  int standard, alert, n;
  static int16_t pcm[80000];
  if (argc != 3 || !in || !out) return 2;
  while (fscanf(in, "%d %d %d", &standard, &alert, &n) == 3) {
    uint8_t message[256];
    int32_t count = 800;
    for (int i = 0, byte; i < n && fscanf(in, "%d", &byte) == 1; i++) message[i] = byte;
    adsi_tx_state_t *s = adsi_tx_init(NULL, standard);
    if (alert) adsi_tx_send_alert_tone(s);
    if (adsi_tx_put_message(s, message, n) != n) return 1;
    for (int i = 0; i < count; i++) pcm[i] = 0;
    for (int got = 80; got == 80 && count < 79000; count += got) got = adsi_tx(s, pcm + count, 80);
    adsi_tx_free(s);
    fwrite(&count, 4, 1, out);
    fwrite(pcm, 2, count, out);
  }
  return fclose(out);
}
`

/** Numbers of the library for its standards. */
const standards = { class: 1, clip: 2, aclip: 3, 'clip-dtmf': 5 } as const

export interface SpandspSends {
  readonly standard: keyof typeof standards
  /** The alerting tone before it. */
  readonly alert?: boolean
  /** Type, length and content, or keys; the library adds the checksum. */
  readonly message: readonly number[]
}

/** Recordings (8 kHz) of these messages, or why they cannot be had. */
export const sentBySpandsp = (wanted: readonly SpandspSends[]): Promise<Had<readonly Int16Array[]>> =>
  withSpandspProgram(program, async file => {
    const lines = wanted.map(({ standard, alert = false, message }) =>
      [standards[standard], Number(alert), message.length, ...message].join(' '),
    )
    await writeFile(file('in'), lines.join('\n'))
    await execute(file('peer'), [file('in'), file('out')])
    const bytes = await readFile(file('out'))
    const recordings: Int16Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const count = bytes.readInt32LE(at)
      const begin = at + 4
      recordings.push(Int16Array.from({ length: count }, (_, n) => bytes.readInt16LE(begin + 2 * n)))
      at = begin + 2 * count
    }
    return recordings
  })
