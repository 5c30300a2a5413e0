// The operator's web: XCAP and the subscribers' portal behind one HTTP server.

import { hostPort } from '../../firmware/sip/wire/header-values.js'
import { type HttpServer, openHttpServer, type WebHandler } from './http-server.js'
import type { OperatorCore } from './operator-core.js'
import {
  DEFAULT_COUNTRY,
  DEFAULT_TIMEZONE,
  type OperatorDependencies,
  type OperatorOptions,
  passwordIn,
} from './operator-options.js'
import { createAccounts } from './portal/accounts.js'
import { createPortal } from './portal/portal.js'
import { defaultAddress } from './voicemail/voicemail.js'
import { createXcapServer, type XcapServer } from './xcap/xcap-server.js'

export interface Web {
  readonly xcap: XcapServer
  readonly handler: WebHandler
  /** Undefined where no address was given. Rejects as Network.listenTcp does. */
  open(): Promise<HttpServer | undefined>
}

const portalOf = (
  options: OperatorOptions,
  { clock, entropy }: OperatorDependencies,
  { database, profiles, journal }: OperatorCore,
): WebHandler => {
  const accounts = createAccounts({ database, clock, entropy, firstPassword: passwordIn(options) })
  return createPortal({
    ...{ database, profiles, journal, clock, entropy, accounts },
    defaultAddressOf: user => defaultAddress(user, options.domain),
    timeZone: options.timezone ?? DEFAULT_TIMEZONE,
  })
}

export const createWeb = (
  options: OperatorOptions,
  dependencies: OperatorDependencies,
  core: OperatorCore,
): Web => {
  const { http } = options
  let server: HttpServer | undefined
  const xcap = createXcapServer({
    digest: core.digest,
    profiles: core.profiles,
    domain: options.domain,
    countryCode: options.countryCode ?? DEFAULT_COUNTRY,
    voicemail: options.voicemail?.number,
    root: '/xcap',
    origin: () => (server === undefined ? '' : `http://${hostPort(server.local.address, server.local.port)}`),
  })
  const portal = portalOf(options, dependencies, core)
  const handler: WebHandler = async request => (await xcap.handle(request)) ?? portal(request)
  return {
    xcap,
    handler,
    open: async () => {
      server = http === undefined ? undefined : await openHttpServer(http, dependencies, [handler])
      return server
    },
  }
}
