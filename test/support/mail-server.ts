// A real SMTP server on a loopback port that keeps what it is given.

import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Endpoint } from '../../hal/network.js'

export interface MailServer {
  readonly endpoint: Endpoint
  readonly mails: readonly (ParsedMail & { readonly recipient: string })[]
  /** SMTP status it answers the next recipients with; undefined takes the mail. */
  refuseWith: number | undefined
  close(): Promise<void>
}

export const startMailServer = async (address = '127.0.0.1'): Promise<MailServer> => {
  const mails: (ParsedMail & { recipient: string })[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onRcptTo: (_to, _session, done) => {
      const { refuseWith } = mailServer
      done(refuseWith === undefined ? null : Object.assign(new Error('no'), { responseCode: refuseWith }))
    },
    onData: (stream, session, done) => {
      simpleParser(stream).then(
        mail => {
          mails.push({ ...mail, recipient: session.envelope.rcptTo[0]?.address ?? '' })
          done()
        },
        (error: Error) => done(error),
      )
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => resolve())
  })
  const { port } = server.server.address() as AddressInfo
  const mailServer: MailServer = {
    endpoint: { address, port },
    mails,
    refuseWith: undefined,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
  return mailServer
}
