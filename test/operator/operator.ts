// The reference operator: registrar, stateful proxy and announcement user agent on one socket. Driven by a clock, a
// network and an entropy, so that it runs in virtual time as well as on a real machine (main.ts).

import type { Endpoint } from '../../hal/network.js'
import { handleCalls } from './call-handling.js'
import { openControlServer, type State } from './faults/control-server.js'
import type { WebHandler } from './http-server.js'
import type { Notifier } from './notifier.js'
import { type OperatorCore, openCore } from './operator-core.js'
import type { OperatorDependencies, OperatorOptions } from './operator-options.js'
import { createOwnNumbers, joinVoicemail } from './own-numbers.js'
import type { Binding } from './registrar.js'
import { createStateNotices } from './state-notices.js'
import { MESSAGE_SUMMARY } from './voicemail/message-summary.js'
import type { Voicemail } from './voicemail/voicemail.js'
import { createWeb } from './web.js'

export interface Operator extends Pick<OperatorCore, 'database' | 'profiles' | 'journal' | 'faults'> {
  readonly sip: Endpoint
  readonly notifier: Notifier
  /** Its mailboxes, where `options.voicemail` names no application of its own. */
  readonly voicemail: Voicemail | undefined
  /** Portal and XCAP, as `http` serves them. */
  readonly web: WebHandler
  readonly http: Endpoint | undefined
  readonly control: Endpoint | undefined
  bindingsOf(user: string): readonly Binding[]
  /** Calls that stand to service numbers. */
  readonly serviceCalls: number
  /** BYE to the calls that stand to service numbers. */
  hangUpAll(): void
  close(): Promise<void>
}

type Forgetful = { forget(): void }

/** The socket where faults are ordered, if there is to be one. */
const openControl = async (
  options: OperatorOptions,
  { network }: OperatorDependencies,
  { faults, profiles, registrar, news }: OperatorCore,
  losing: Readonly<Record<State, readonly Forgetful[]>>,
) =>
  options.control === undefined
    ? undefined
    : openControlServer(options.control, {
        ...{ network, faults, profiles },
        bindingsOf: user => registrar.bindingsOf(user),
        watch: reader => news.watch(reader),
        lose: state => {
          for (const part of losing[state]) part.forget()
        },
      })

/** Rejects as Network.openUdp does, or when the database cannot be opened. */
export const createOperator = async (
  options: OperatorOptions,
  dependencies: OperatorDependencies,
): Promise<Operator> => {
  const core = await openCore(options, dependencies)
  const { agent, registrar, wire, database, profiles, journal, faults } = core
  const voicemail = await joinVoicemail(options, dependencies, core, user =>
    notifier.changed(MESSAGE_SUMMARY, user),
  )
  if (voicemail !== undefined) core.news.follow(voicemail.mailboxes)
  const web = createWeb(options, dependencies, core)
  const notifier: Notifier = createStateNotices(options, dependencies, core, { xcap: web.xcap, voicemail })
  const numbers = createOwnNumbers(options, dependencies, core, voicemail)
  const calls = handleCalls(options, dependencies, core, { ...numbers, notifier })
  const server = await web.open()
  const control = await openControl(options, dependencies, core, {
    bindings: [registrar],
    calls: [agent, calls],
    subscriptions: [notifier],
    nonces: [core.digest],
  })
  return {
    sip: wire.local,
    ...{ database, profiles, journal, faults, notifier, voicemail },
    web: web.handler,
    http: server?.local,
    control: control?.local,
    bindingsOf: user => registrar.bindingsOf(user),
    get serviceCalls() {
      return agent.calls
    },
    hangUpAll: () => agent.close(),
    close: async () => {
      agent.close()
      await server?.close()
      await control?.close()
      await voicemail?.close()
      await wire.close()
      await database.close()
    },
  }
}
