// What arrives at a telephone, read off the loopback of a test's network namespace: RTP as it is, whoever sends it. baresip
// 1.0 records nothing more of a call after its first re-INVITE, and a held party is the one to be listened to.
// A packet socket (packet(7)) needs C; the program is compiled where it is used.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'
import { laws } from '../support/companding.js'

const source = `
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <sys/socket.h>

/* Each UDP datagram over IPv4 that arrives, a line: port, payload in hexadecimal. */
int main(void) {
  unsigned char p[65536];
  int s = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
  if (s < 0) { perror("packet socket"); return 1; }
  setvbuf(stdout, 0, _IOLBF, 1 << 16);
  puts("listening");
  for (;;) {
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    int n = recvfrom(s, p, sizeof p, 0, (struct sockaddr *) &from, &length);
    if (n < 28 || from.sll_pkttype == PACKET_OUTGOING || p[9] != 17) continue;
    int ip = (p[0] & 15) * 4;
    printf("%d ", p[ip + 2] << 8 | p[ip + 3]);
    for (int i = ip + 8; i < n; i++) printf("%02x", p[i]);
    puts("");
  }
}
`

export const noWiretapReason = (): string | undefined =>
  findProgram('gcc') ? undefined : 'the Debian package gcc is not installed'

export interface Wiretap {
  /**
   * Sound in this codec that arrived between two instants of Date.now(), in the order of its arrival. Telephones are told
   * apart by their codec: baresip sends RTP from whatever address the kernel gives it, and the box answers there.
   */
  heard(codec: keyof typeof laws, from: number, to: number): Int16Array
  stop(): Promise<void>
}

/** Listens from the moment this resolves; needs root. RTP goes to even ports of the range. */
export const startWiretap = async (options: {
  readonly folder: string
  readonly ports: readonly [number, number]
}): Promise<Wiretap> => {
  const program = join(options.folder, 'wiretap')
  writeFileSync(`${program}.c`, source)
  const compiled = spawnSync('gcc', ['-O1', '-o', program, `${program}.c`], { encoding: 'utf8' })
  if (compiled.status !== 0) throw new Error(compiled.stderr)
  const child: Child = startChild(program, [])
  const [first, last] = options.ports
  const packets: {
    readonly at: number
    readonly payload: Buffer
    readonly type: number
  }[] = []
  let rest = ''
  child.process.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [port, hex = ''] = line.split(' ')
      if (!(Number(port) >= first && Number(port) <= last && Number(port) % 2 === 0)) continue
      const datagram = Buffer.from(hex, 'hex')
      if (datagram.length <= 12) continue
      packets.push({
        at: Date.now(),
        type: datagram.readUInt8(1) & 0x7f,
        payload: datagram.subarray(12),
      })
    }
  })
  await child.waitFor(/listening/, 5000)
  return {
    heard: (codec, from, to) => {
      const { payloadType, decode } = laws[codec]
      const parts = packets.filter(({ at, type }) => type === payloadType && at >= from && at < to)
      return Int16Array.from(parts.flatMap(({ payload }) => [...payload].map(decode)))
    },
    stop: () => child.stop(),
  }
}
