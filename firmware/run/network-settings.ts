// The way to a subscriber's service settings in the network (XCAP), from the settings of a line. XML and HTTP are
// loaded when they are first needed: a box without such settings does not wait for them at its start.

import type { Entropy } from '../../hal/entropy.js'
import type { LineConfig } from '../settings/schema.js'
import { authorization, isFromServer, readChallenges } from '../sip/engine/digest.js'
import type { HttpDependencies } from '../xcap/http-request.js'
import type { Prove, SimservsClient, XcapAccount } from '../xcap/simservs-client.js'
import type { MaskingSettings } from './masking.js'

export interface NetworkDependencies extends HttpDependencies {
  readonly entropy: Entropy
  /** User-Agent. */
  readonly userAgent: string
}

/** SIP and HTTP share one digest (RFC 7616). */
const prove: Prove = (challenges, request) => {
  const [challenge] = readChallenges(challenges)
  if (!challenge) return undefined
  const input = { ...request, count: 1 }
  return {
    authorization: authorization(challenge, input),
    isFromServer: (info, body) => info.every(value => isFromServer(challenge, input, value, body)),
  }
}

/** Who decides about the number of a line, and where the network keeps it. */
export const maskingSettings = (
  line: Pick<LineConfig, 'account' | 'masking' | 'xcap'>,
  dependencies: NetworkDependencies,
): MaskingSettings => {
  const { owner } = line.masking
  const network = owner === 'network' ? undefined : networkSettings(line, dependencies)
  return network ? { owner, network } : { owner }
}

/** undefined: the line has no settings there, or no account to have them for. */
export const networkSettings = (
  line: Pick<LineConfig, 'account' | 'xcap'>,
  dependencies: NetworkDependencies,
): SimservsClient | undefined => {
  const account = xcapAccount(line)
  return account && clientOf(account, dependencies)
}

const xcapAccount = ({ account, xcap }: Pick<LineConfig, 'account' | 'xcap'>): XcapAccount | undefined =>
  account &&
  xcap && {
    root: xcap.root,
    identity: `sip:${account.user}@${account.domain}`,
    user: xcap.user ?? account.authUser ?? account.user,
    password: xcap.password,
  }

const clientOf = (account: XcapAccount, dependencies: NetworkDependencies): SimservsClient => {
  let loading: Promise<SimservsClient> | undefined
  const client = (): Promise<SimservsClient> => {
    loading ??= dependencies.clock
      .external(import('../xcap/simservs-client.js'))
      .then(({ createSimservsClient }) => createSimservsClient({ ...dependencies, account, prove }))
    return loading
  }
  return {
    read: async () => (await client()).read(),
    forwarding: async () => (await client()).forwarding(),
    write: async (restricted, etag) => (await client()).write(restricted, etag),
  }
}
