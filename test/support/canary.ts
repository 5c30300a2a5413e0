// Looks for a number and a name that must not show in anything a box sends during a masked call. Where they may stand:
// P-Preferred-Identity and the user name of the digest, toward the proxy, and the registration.

import { hostname } from 'node:os'
import type { Endpoint, Network, UdpSocket } from '../../hal/network.js'

export interface Sent {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Uint8Array
}

export interface CanaryOptions {
  /** "0389777123"; also looked for without its 0. */
  readonly number: string
  /** User name of the digest. */
  readonly name: string
  readonly proxy: Endpoint
}

const isSip = (text: string): boolean => /^(?:[A-Z]+ sips?:|SIP\/2\.0 )/.test(text)

/** The text without the places where the canary may stand. */
const withoutPermitted = (text: string, toProxy: boolean): string => {
  if (!isSip(text)) return text
  // The address of record is what a registration is about, and a subscription to its own messages.
  if (/^CSeq: \d+ (?:REGISTER|SUBSCRIBE)\r?$/m.test(text)) return ''
  if (!toProxy || text.startsWith('SIP/2.0')) return text
  return text
    .replace(/^P-Preferred-Identity: [^\r\n]*/gm, '')
    .replace(/^((?:Proxy-)?Authorization: Digest )username="[^"]*"/gm, '$1')
}

/** Each place where it shows, as "address: the line". */
export const sightings = (
  sent: readonly Sent[],
  { number, name, proxy }: CanaryOptions,
): readonly string[] => {
  // A short name of this machine would turn up in audio by chance.
  const names = [number.replace(/^0/, ''), name, hostname()].filter(form => form.length >= 6)
  const forms = names.flatMap(form => [
    form,
    Buffer.from(form).toString('base64').replace(/=+$/, '').slice(0, -1),
    Buffer.from(form).toString('hex'),
  ])
  return sent.flatMap(({ to, data }) => {
    const toProxy = to.address === proxy.address && to.port === proxy.port
    const text = withoutPermitted(Buffer.from(data).toString('latin1'), toProxy)
    return forms
      .filter(form => text.toLowerCase().includes(form.toLowerCase()))
      .map(form => {
        const line = text.split('\r\n').find(part => part.toLowerCase().includes(form.toLowerCase()))
        return `${to.address}:${to.port}: ${line ?? text}`
      })
  })
}

/** What was captured, in words: "INVITE 3", "RTCP 2" … to know that the search had something to search in. */
export const kindsOf = (sent: readonly Sent[]): ReadonlyMap<string, number> => {
  const kinds = new Map<string, number>()
  for (const { data } of sent) {
    const text = Buffer.from(data).toString('latin1')
    const kind = text.startsWith('SIP/2.0')
      ? text.slice(8, 11)
      : isSip(text)
        ? text.slice(0, text.indexOf(' '))
        : (data[1] ?? 0) >= 200 && (data[1] ?? 0) <= 204
          ? 'RTCP'
          : 'RTP'
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

/** The same network; what arrives at sockets opened through it is put into `arrived`. */
export const recordingNetwork = (network: Network, arrived: Sent[]): Network =>
  new Proxy(network, {
    get: (target, name: keyof Network) => {
      if (name !== 'openUdp') return target[name].bind(target)
      return async (options: Parameters<Network['openUdp']>[0]) => {
        const socket: UdpSocket = await target.openUdp({
          ...options,
          onDatagram: (data, from) => {
            arrived.push({ from, to: socket.local, data: Uint8Array.from(data) })
            options.onDatagram(data, from)
          },
        })
        return socket
      }
    },
  })
