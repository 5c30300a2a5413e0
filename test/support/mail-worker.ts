// The thread of mail-server.ts: a real SMTP server, whose timers are real whatever clock the tests run on.

import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { FromWorker, ToWorker } from './mail-server.js'

const port = parentPort as NonNullable<typeof parentPort>
const tell = (message: FromWorker): void => port.postMessage(message)
let refuseWith: number | undefined
const acknowledged: (() => void)[] = []

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  closeTimeout: 100,
  onRcptTo: (_to, _session, done) =>
    done(refuseWith === undefined ? null : Object.assign(new Error('no'), { responseCode: refuseWith })),
  onData: (stream, session, done) => {
    simpleParser(stream).then(
      (mail: ParsedMail) => {
        // Taken only once the test has it, so that "sent" and "received" come in this order.
        acknowledged.push(() => done())
        tell({
          type: 'mail',
          mail: {
            recipient: session.envelope.rcptTo[0]?.address ?? '',
            recipients: session.envelope.rcptTo.length,
            from: mail.from?.value[0]?.address ?? '',
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            attachments: mail.attachments.map(({ filename, contentType, content }) => ({
              filename: filename ?? '',
              contentType,
              content: Uint8Array.from(content),
            })),
          },
        })
      },
      (error: Error) => done(error),
    )
  },
})

port.on('message', (message: ToWorker) => {
  if (message.type === 'refuse') {
    refuseWith = message.status
    tell({ type: 'set' })
  } else if (message.type === 'got') acknowledged.shift()?.()
  else server.close(() => process.exit(0))
})
server.listen(0, workerData as string, () => {
  const { address, port: number } = server.server.address() as AddressInfo
  tell({ type: 'ready', endpoint: { address, port: number } })
})
