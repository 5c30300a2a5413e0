// A DNS server for tests: answers A, SRV and NAPTR from a table, NXDOMAIN for the rest (RFC 1035 §4, RFC 2782, RFC 3403 §4).

import { createSocket } from 'node:dgram'

export interface DnsRecords {
  readonly a?: readonly string[]
  readonly srv?: readonly { priority: number; weight: number; port: number; name: string }[]
  readonly naptr?: readonly { order: number; preference: number; service: string; replacement: string }[]
}

const type = { a: 1, srv: 33, naptr: 35 }

const labels = (name: string): Buffer =>
  Buffer.concat([...name.split('.').filter(Boolean).map(text), Buffer.from([0])])
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
const shorts = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, n) => {
    bytes.writeUInt16BE(value, n * 2)
  })
  return bytes
}

/** Serves on `address` and a free port; `queries` lists the names asked for. With `mute` it never answers. */
export const serveDns = async (address: string, zone: Readonly<Record<string, DnsRecords>>, mute = false) => {
  const queries: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const parts: string[] = []
    let at = 12
    for (let length = query[at]!; length > 0; length = query[at]!) {
      parts.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const name = parts.join('.').toLowerCase()
    const asked = query.readUInt16BE(at + 1)
    queries.push(name)
    if (mute) return
    const records = zone[name]
    const data: Buffer[] =
      asked === type.a
        ? (records?.a ?? []).map(ip => Buffer.from(ip.split('.').map(Number)))
        : asked === type.srv
          ? (records?.srv ?? []).map(r =>
              Buffer.concat([shorts(r.priority, r.weight, r.port), labels(r.name)]),
            )
          : asked === type.naptr
            ? (records?.naptr ?? []).map(r =>
                Buffer.concat([
                  shorts(r.order, r.preference),
                  text('s'),
                  text(r.service),
                  text(''),
                  labels(r.replacement),
                ]),
              )
            : []
    const flags = records ? 0x8580 : 0x8583
    const header = Buffer.concat([query.subarray(0, 2), shorts(flags, 1, data.length, 0, 0)])
    // 0xc00c points at the question's name; time to live 60 s.
    const answers = data.map(rdata => Buffer.concat([shorts(0xc00c, asked, 1, 0, 60, rdata.length), rdata]))
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...answers]), from.port, from.address)
  })
  await new Promise<void>(resolve => socket.bind(0, address, resolve))
  return {
    server: `${address}:${socket.address().port}`,
    queries,
    close: () => new Promise<void>(resolve => socket.close(resolve)),
  }
}
