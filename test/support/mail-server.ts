// A real SMTP server on a loopback port that keeps what it is given. It lives in a thread of its own (mail-worker.ts).

import { Worker } from 'node:worker_threads'
import type { Endpoint } from '../../hal/network.js'

export interface ReceivedMail {
  readonly recipient: string
  readonly recipients: number
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly attachments: readonly {
    readonly filename: string
    readonly contentType: string
    readonly content: Uint8Array
  }[]
}

export type FromWorker =
  | { readonly type: 'ready'; readonly endpoint: Endpoint }
  | { readonly type: 'mail'; readonly mail: ReceivedMail }
  | { readonly type: 'set' }
export type ToWorker =
  | { readonly type: 'refuse'; readonly status: number | undefined }
  | { readonly type: 'got' }
  | { readonly type: 'close' }

export interface MailServer {
  readonly endpoint: Endpoint
  readonly mails: readonly ReceivedMail[]
  /** SMTP status that recipients get from now on; undefined takes the mail. */
  refuseWith(status: number | undefined): Promise<void>
  close(): Promise<void>
}

export const startMailServer = async (address = '127.0.0.1'): Promise<MailServer> => {
  const worker = new Worker(new URL('./mail-worker.js', import.meta.url), { workerData: address })
  const mails: ReceivedMail[] = []
  const ask = (message: ToWorker): void => worker.postMessage(message)
  let set = (): void => {}
  const endpoint = await new Promise<Endpoint>((resolve, reject) => {
    worker.once('error', reject)
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve(message.endpoint)
      else if (message.type === 'set') set()
      else {
        mails.push(message.mail)
        ask({ type: 'got' })
      }
    })
  })
  return {
    endpoint,
    mails,
    refuseWith: status =>
      new Promise(resolve => {
        set = resolve
        ask({ type: 'refuse', status })
      }),
    close: () =>
      new Promise(resolve => {
        worker.once('exit', () => resolve())
        ask({ type: 'close' })
      }),
  }
}
