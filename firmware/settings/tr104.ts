// What each key of the configuration is called in the data model of remote management (TR-104 Issue 2, VoiceService:2.0), for
// the box's own TR-069 or USP agent. What the model lacks has a name of our own with the prefix that TR-106 §3.3 asks for.

import { isSecretKey } from './secret-key.js'

export interface Tr104Name {
  /** "sip.dscp"; of a line "line.tel1.callWaiting". */
  readonly key: string
  readonly name: string
  /** The parameter holds more than the key, or the key more than the parameter: which part is meant. */
  readonly part?: string
  /** Reads as empty (TR-106 §3.2): a secret. */
  readonly hidden?: true
}

type Entry = string | readonly [name: string, part: string]

const service = 'Device.Services.VoiceService.1.'
const own = 'X_VOICEPORT_'

/** Of the whole box, behind `service`. */
const boxNames: Readonly<Record<string, Entry>> = {
  board: `${own}Board`,
  profile: 'POTS.Region',
  timezone: `${own}TimeZone`,
  'sip.listen': ['SIP.Network.1.UserAgentPort', 'port'],
  'sip.device': `${own}SIPInterface`,
  'sip.dscp': 'SIP.Network.1.DSCPMark',
  'sip.allow': `${own}SIPAllowedSources`,
  'media.listen': `${own}RTPAddress`,
  'media.device': `${own}RTPInterface`,
  'media.ports': ['VoIPProfile.1.RTP.LocalPortMin', 'first; the last is LocalPortMax'],
  'media.dscp': 'VoIPProfile.1.RTP.DSCPMark',
  'store.path': `${own}StorePath`,
  'bench.listen': `${own}BenchAddress`,
  'bench.serial': `${own}BenchSerialPort`,
  'console.serial': `${own}ConsoleSerialPort`,
  'console.socket': `${own}ConsoleSocket`,
  'console.viewSecretFile': `${own}ConsoleViewSecretFile`,
  'console.enableSecretFile': `${own}ConsoleEnableSecretFile`,
  'status.listen': `${own}StatusPageAddress`,
  'log.level': `${own}LogLevel`,
  'trace.path': `${own}TracePath`,
}

/** Of the n-th line; {i} is n. */
const lineNames: Readonly<Record<string, Entry>> = {
  id: 'CallControl.Line.{i}.X_VOICEPORT_Port',
  'account.user': ['SIP.Client.{i}.RegisterURI', 'user'],
  'account.authUser': 'SIP.Client.{i}.AuthUserName',
  'account.domain': ['SIP.Client.{i}.RegisterURI', 'host'],
  'account.password': 'SIP.Client.{i}.AuthPassword',
  'account.passwordFile': `SIP.Client.{i}.${own}AuthPasswordFile`,
  'account.proxies': ['SIP.Network.{i}.OutboundProxy', 'first; with OutboundProxyPort'],
  'account.expiresSeconds': 'SIP.Network.{i}.RegisterExpires',
  'account.sessionSeconds': `SIP.Network.{i}.${own}SessionExpires`,
  callerId: ['CallControl.CallingFeatures.Set.{i}.CallerIDEnable', 'false is "off"'],
  callerIdInCall: `CallControl.CallingFeatures.Set.{i}.${own}CallWaitingCallerIDEnable`,
  callWaiting: 'CallControl.CallingFeatures.Set.{i}.CallWaitingEnable',
  mwi: ['CallControl.CallingFeatures.Set.{i}.MWIEnable', 'false is "off"'],
  unverifiedMark: `CallControl.CallingFeatures.Set.{i}.${own}UnverifiedMark`,
  numbers: ['SIP.Client.{i}.E164Format', 'true is "e164"'],
  'masking.owner': `CallControl.CallingFeatures.Set.{i}.${own}AnonymousCallOwner`,
  'codes.hash': `SIP.Network.{i}.${own}HashForm`,
  'codes.okFinals': `SIP.Network.{i}.${own}CodeFinals`,
  'xcap.root': `SIP.Network.{i}.${own}XCAPRoot`,
  'xcap.user': `SIP.Client.{i}.${own}XCAPUserName`,
  'xcap.passwordFile': `SIP.Client.{i}.${own}XCAPPasswordFile`,
  'conference.factory': 'SIP.Network.{i}.ConferenceCallDomainURI',
}

const named = (key: string, entry: Entry, instance: number): Tr104Name => {
  const [name, part] = typeof entry === 'string' ? [entry] : entry
  return {
    key,
    name: service + name.replaceAll('{i}', String(instance)),
    ...(part !== undefined && { part }),
    ...(isSecretKey(key) && { hidden: true }),
  }
}

/** Every key of the configuration for these lines, in the order of the file. */
export const tr104Names = (lines: readonly string[]): readonly Tr104Name[] => [
  ...Object.entries(boxNames).map(([key, entry]) => named(key, entry, 1)),
  ...lines.flatMap((line, n) =>
    Object.entries(lineNames).map(([key, entry]) => named(`line.${line}.${key}`, entry, n + 1)),
  ),
]
