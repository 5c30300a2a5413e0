// The reference operator as a program on kernel sockets:
//   node dist/test/operator/main.js --sip 127.0.0.1:5060 --data DIR --domain operator.test --subscriber 0389000001:secret
// Prints `operator ready`; ends on SIGTERM or SIGINT. Wrong flags: one line on stderr and exit code 2.

import { mkdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import type { Endpoint } from '../../hal/network.js'
import { announcement, echo } from './applications/numbers-to-try.js'
import { clip } from './clips.js'
import type { Algorithm } from './digest.js'
import { createOperator } from './operator.js'
import { createSmtpMailer } from './voicemail/mailer.js'

const help = `The reference operator: registrar, proxy, voicemail, star codes, portal and numbers to try.

  --sip ADDR:PORT          where it speaks SIP over UDP (default 127.0.0.1:5060)
  --data DIR               where it keeps profiles, calls, bindings and messages (operator.db)
  --domain D               its domain and digest realm (default operator.test)
  --subscriber USER:PASS   a subscriber; may be given several times
  --gateway sip:ADDR:PORT  where numbers go that are nobody's here
  --http ADDR:PORT         where the subscribers' portal is (default: nowhere)
  --control ADDR:PORT      where faults are ordered, JSON lines (default: nowhere)
  --smtp ADDR:PORT         mail server that takes voice messages (default: no mail)
  --voicemail NUMBER       the voicemail's number (default 123)
  --media ADDR             address of its audio (default: that of --sip)
  --echo NUMBER            the echo number (default 3100)
  --speak NUMBER           the speaking number (default 3101)
  --digest ALGORITHMS      offered in this order (default SHA-256,MD5)
  --trace                  every SIP message on stderr
  --help                   this text
`

/** Time for the last BYEs to leave. */
const PARTING_MS = 50

class UsageError extends Error {}

const endpointOf = (flag: string, text: string): Endpoint => {
  const match = /^(?:sip:)?(\[[0-9A-Fa-f:]+\]|[\d.]+):(\d{1,5})$/.exec(text)
  const address = (match?.[1] ?? '').replace(/^\[|\]$/g, '')
  const port = Number(match?.[2])
  if (isIP(address) === 0 || !(port >= 0 && port <= 65535))
    throw new UsageError(`${flag} ${text}: not ADDR:PORT with a numeric address`)
  return { address, port }
}

const readFlags = () => {
  try {
    return parseArgs({
      options: {
        sip: { type: 'string', default: '127.0.0.1:5060' },
        data: { type: 'string' },
        domain: { type: 'string', default: 'operator.test' },
        subscriber: { type: 'string', multiple: true, default: [] },
        gateway: { type: 'string' },
        http: { type: 'string' },
        control: { type: 'string' },
        smtp: { type: 'string' },
        voicemail: { type: 'string', default: '123' },
        media: { type: 'string' },
        echo: { type: 'string', default: '3100' },
        speak: { type: 'string', default: '3101' },
        digest: { type: 'string', default: 'SHA-256,MD5' },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const readAlgorithms = (text: string): readonly Algorithm[] =>
  text.split(',').map(name => {
    if (name === 'SHA-256' || name === 'MD5') return name
    throw new UsageError(`--digest ${text}: SHA-256, MD5 or both with a comma between`)
  })

const run = async (): Promise<void> => {
  const flags = readFlags()
  if (flags.help) {
    process.stdout.write(help)
    return
  }
  const subscribers: Record<string, string> = {}
  for (const text of flags.subscriber) {
    const colon = text.indexOf(':')
    if (colon < 1) throw new UsageError(`--subscriber ${text}: not USER:PASSWORD`)
    subscribers[text.slice(0, colon)] = text.slice(colon + 1)
  }
  if (flags.data !== undefined) mkdirSync(flags.data, { recursive: true })
  const domain = flags.domain.toLowerCase()
  const operator = await createOperator(
    {
      sip: endpointOf('--sip', flags.sip),
      domain,
      subscribers,
      algorithms: readAlgorithms(flags.digest),
      services: { [flags.echo]: echo, [flags.speak]: announcement(clip('speaking')) },
      ...(flags.gateway === undefined ? {} : { gateway: endpointOf('--gateway', flags.gateway) }),
      ...(flags.http === undefined ? {} : { http: endpointOf('--http', flags.http) }),
      ...(flags.control === undefined ? {} : { control: endpointOf('--control', flags.control) }),
      voicemail: {
        number: flags.voicemail,
        ...(flags.smtp === undefined
          ? {}
          : { mailer: createSmtpMailer(endpointOf('--smtp', flags.smtp), `messagerie@${domain}`) }),
      },
      onFailure: error => process.stderr.write(`operator: ${error.message}\n`),
      ...(flags.media === undefined ? {} : { mediaAddress: flags.media }),
      ...(flags.data === undefined ? {} : { database: join(flags.data, 'operator.db') }),
      onDigit: (number, digit) => process.stderr.write(`${number} digit ${digit}\n`),
      ...(flags.trace
        ? {
            onMessage: (direction, peer, text) =>
              process.stderr.write(`${direction} ${peer.address}:${peer.port}\n${text}\n`),
          }
        : {}),
    },
    { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() },
  )
  const stop = (): void => {
    operator.hangUpAll()
    // A closing socket takes what it has not sent yet with it.
    setTimeout(() => void operator.close().then(() => process.exit(0)), PARTING_MS)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdout.write('operator ready\n')
}

run().catch((error: Error) => {
  process.stderr.write(`operator: ${error.message}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
})
