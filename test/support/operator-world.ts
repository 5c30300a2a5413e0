// The reference operator with bare SIP telephones in virtual time, and a pair of ears on RTP.

import { readFileSync } from 'node:fs'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { Network } from '../../hal/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { announcement, echo } from '../operator/applications/numbers-to-try.js'
import { createOperator } from '../operator/operator.js'
import type { OperatorOptions } from '../operator/operator-options.js'
import { createPhone, type Phone } from './sip-phone.js'

export const domain = 'operator.test'
export const sip = { address: '127.0.0.1', port: 5060 }
export const prompt = readFileSync(new URL('../../../test/operator/prompts/speaking.al', import.meta.url))
export const subscribers = { '0389000001': 'one', '0389000002': 'two', '0389000003': 'three' }

export const offer = (address: string, port: number, direction = 'sendrecv'): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8 101\r\n` +
  `a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=${direction}\r\n`

/** `phone(n)` is 038900000n at 127.0.0.1n. */
export const operatorWorld = async (options: Partial<OperatorOptions> = {}) => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock })
  const entropy = new SeededEntropy(3)
  const digits: string[] = []
  const operator = await createOperator(
    {
      sip,
      domain,
      subscribers,
      services: { '3100': echo, '3101': announcement(prompt) },
      onDigit: (number, digit) => digits.push(`${number} ${digit}`),
      ...options,
    },
    { clock, network, entropy },
  )
  const phone = async (
    n: 1 | 2 | 3 | 4,
    more: { password?: string; algorithm?: 'MD5' } = {},
  ): Promise<Phone> => {
    const wire = await createWire(
      { listen: { address: `127.0.0.1${n}`, port: 5060 } },
      { clock, network, entropy },
    )
    const user = `038900000${n}`
    const password = (subscribers as Record<string, string>)[user] ?? 'none'
    return createPhone({ wire, operator: sip, domain, user, password, ...more })
  }
  /** Runs virtual time until the promise has settled. */
  const wait = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false
    const settled = promise.finally(() => {
      done = true
    })
    await clock.runUntil(() => done, 60_000)
    return settled
  }
  return { clock, network, operator, phone, wait, digits }
}

/** An RTP socket on port 4000 and what it heard. */
export const openEar = async (network: Network, address: string) => {
  const heard: { payloadType: number; timestamp: number; payload: Buffer }[] = []
  const socket = await network.openUdp({
    address,
    port: 4000,
    onDatagram: data => {
      const bytes = Buffer.from(data)
      heard.push({
        payloadType: bytes.readUInt8(1) & 0x7f,
        timestamp: bytes.readUInt32BE(4),
        payload: bytes.subarray(12),
      })
    },
    onError() {},
  })
  return { socket, heard }
}

export const rtp = (
  payloadType: number,
  sequence: number,
  timestamp: number,
  payload: Uint8Array,
): Buffer => {
  const head = Buffer.alloc(12)
  head[0] = 0x80
  head[1] = payloadType
  head.writeUInt16BE(sequence, 2)
  head.writeUInt32BE(timestamp, 4)
  return Buffer.concat([head, payload])
}

export const mediaPort = (sdp: string): number => Number(/^m=audio (\d+)/m.exec(sdp)?.[1])
