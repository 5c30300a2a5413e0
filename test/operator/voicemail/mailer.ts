// Mail out of the operator (SMTP, RFC 5321), through nodemailer.

import { createTransport } from 'nodemailer'
import type { Endpoint } from '../../../hal/network.js'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly attachment: { readonly filename: string; readonly type: string; readonly content: Uint8Array }
}

export interface Mailer {
  /** Resolves when the server took it; rejects with MailRefused when it never will, with another error when it may. */
  send(mail: Mail): Promise<void>
  close(): void
}

/** The server said 5xx: trying again is of no use. */
export class MailRefused extends Error {}

const WAIT_MS = 20_000

/** A relay on the operator's own network: neither credentials nor TLS. */
export const createSmtpMailer = (server: Endpoint, from: string): Mailer => {
  const transport = createTransport({
    host: server.address,
    port: server.port,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: WAIT_MS,
    greetingTimeout: WAIT_MS,
    socketTimeout: WAIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, subject, text, attachment }) => {
      const { filename, type, content } = attachment
      try {
        await transport.sendMail({
          from: { name: 'Messagerie vocale', address: from },
          to: { name: '', address: to },
          subject,
          text,
          attachments: [{ filename, contentType: type, content: Buffer.from(content) }],
        })
      } catch (error) {
        const status = (error as { responseCode?: unknown }).responseCode
        if (typeof status === 'number' && status >= 500)
          throw new MailRefused((error as Error).message, { cause: error })
        throw error
      }
    },
    close: () => transport.close(),
  }
}
