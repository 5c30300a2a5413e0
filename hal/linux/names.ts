// Name look-ups over DNS (RFC 1035, RFC 2782, RFC 3403), with /etc/hosts before it as the C library does.
// Not getaddrinfo: it would occupy a thread of the pool for seconds when no server answers, and the store needs that pool.

import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { HalError } from '../errors.js'
import type { NaptrRecord, SrvRecord } from '../network.js'
import { halErrorFrom } from './system-error.js'

export interface NamesOptions {
  /** DNS servers "address" or "address:port"; absent: those of /etc/resolv.conf. */
  readonly servers?: readonly string[]
  /** Wait for one answer, ms; default 2000, asked twice. */
  readonly timeoutMs?: number
  readonly hostsFile?: string
}

export class Names {
  readonly #resolver: Resolver
  readonly #hostsFile: string

  constructor(options: NamesOptions = {}) {
    this.#resolver = new Resolver({ timeout: options.timeoutMs ?? 2000, tries: 2 })
    if (options.servers) this.#resolver.setServers([...options.servers])
    this.#hostsFile = options.hostsFile ?? '/etc/hosts'
  }

  /** IPv4 addresses first. A numeric name is its own address. */
  async host(name: string): Promise<readonly string[]> {
    if (isIP(name)) return [name]
    const local = await this.#inHostsFile(name)
    if (local.length > 0) return local
    const answers = await Promise.allSettled([this.#resolver.resolve4(name), this.#resolver.resolve6(name)])
    const addresses = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length > 0) return addresses
    const failures = answers.map(answer =>
      halErrorFrom(answer.status === 'rejected' ? answer.reason : undefined, `looking up ${name}`),
    )
    // One family may simply have no record; a server that did not answer is the graver news.
    throw failures.find(error => error.kind !== 'missing') ?? failures[0]
  }

  async srv(name: string): Promise<readonly SrvRecord[]> {
    const records = await this.#ask(this.#resolver.resolveSrv(name), `looking up SRV ${name}`)
    return records.map(({ name: target, port, priority, weight }) => ({
      name: target,
      port,
      priority,
      weight,
    }))
  }

  async naptr(name: string): Promise<readonly NaptrRecord[]> {
    const records = await this.#ask(this.#resolver.resolveNaptr(name), `looking up NAPTR ${name}`)
    return records.map(({ order, preference, service, replacement }) => ({
      order,
      preference,
      service,
      replacement,
    }))
  }

  async #ask<T>(answer: Promise<T[]>, what: string): Promise<T[]> {
    const records = await answer.catch(error => {
      throw halErrorFrom(error, what)
    })
    if (records.length === 0) throw new HalError('missing', `${what}: no record`)
    return records
  }

  async #inHostsFile(name: string): Promise<readonly string[]> {
    const text = await readFile(this.#hostsFile, 'utf8').catch(() => '')
    const wanted = name.toLowerCase().replace(/\.$/, '')
    return text.split('\n').flatMap(line => {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/)
      return isIP(address) && names.includes(wanted) ? [address] : []
    })
  }
}
