// The network of the demo: the reference operator as a process, with portal and mail, and what its control socket tells of
// each subscriber's services (test/operator/README.md).

import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { News } from '../../test/operator/news.js'
import type { Profile } from '../../test/operator/profiles.js'
import { type MailServer, startMailServer } from '../../test/support/mail-server.js'
import { endProcess, readyProcess, startProcess } from './process.js'

export interface NetworkSettings {
  readonly profile: Pick<Profile, 'voicemailAlways' | 'ringSeconds' | 'masking' | 'mailMessages'> &
    Partial<Profile>
  readonly new: number
  readonly archived: number
}

export interface NetworkSide {
  /** "ADDR:PORT" of its SIP. */
  readonly sip: string
  /** Where its portal is. */
  readonly portal: string
  settingsOf(number: string): NetworkSettings
  readonly mails: MailServer['mails']
  close(): Promise<void>
}

export interface NetworkSideOptions {
  readonly address: string
  readonly domain: string
  readonly folder: string
  /** Password by number; the first one's messages also go out by mail. */
  readonly subscribers: Readonly<Record<string, string>>
  onNews(news: News): void
}

export const initialSettings: NetworkSettings = {
  profile: { voicemailAlways: false, ringSeconds: 20, masking: false, mailMessages: false },
  new: 0,
  archived: 0,
}

const controlPort = 7100
const portalPort = 8000

/** Rejects with a message for people when the operator does not come up. */
export const openNetworkSide = async (options: NetworkSideOptions): Promise<NetworkSide> => {
  const { address, subscribers } = options
  const settings = new Map<string, NetworkSettings>()
  const settingsOf = (number: string): NetworkSettings => settings.get(number) ?? initialSettings
  const mail = await startMailServer(address)
  const sip = `${address}:5060`
  const operator = startProcess('test/operator/main.js', [
    ...['--sip', sip, '--data', options.folder, '--domain', options.domain],
    ...['--http', `${address}:${portalPort}`, '--control', `${address}:${controlPort}`],
    ...['--smtp', `${mail.endpoint.address}:${mail.endpoint.port}`],
    ...Object.entries(subscribers).flatMap(([number, password]) => ['--subscriber', `${number}:${password}`]),
  ])
  const stop = async (): Promise<void> => {
    await endProcess(operator)
    await mail.close()
  }
  try {
    await readyProcess(operator, 'operator ready', 'the reference operator')
  } catch (error) {
    await stop()
    throw error
  }
  const control = connect(controlPort, address)
  control.on('error', () => undefined)
  createInterface({ input: control }).on('line', text => {
    const news = JSON.parse(text) as News
    if (news.ev === 'profile') settings.set(news.user, { ...settingsOf(news.user), profile: news.profile })
    else if (news.ev === 'messages') settings.set(news.user, { ...settingsOf(news.user), ...countsOf(news) })
    if (news.ev !== undefined) options.onNews(news)
  })
  const [first] = Object.keys(subscribers)
  for (const request of [{ do: 'profile', user: first, set: { mailMessages: true } }, { do: 'watch' }])
    control.write(`${JSON.stringify(request)}\n`)
  return {
    sip,
    portal: `http://${address}:${portalPort}/`,
    settingsOf,
    mails: mail.mails,
    close: async () => {
      control.destroy()
      await stop()
    },
  }
}

const countsOf = (news: Extract<News, { ev: 'messages' }>) => ({ new: news.new, archived: news.archived })
