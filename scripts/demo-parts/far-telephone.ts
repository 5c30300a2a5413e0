// A telephone elsewhere in the network, not on the box: a plain SIP telephone with a display (test/support/far-party.ts),
// handled like the others, but without R. What it shows is what the network lets it know.

import { headerOf } from '../../firmware/sip/wire/message.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { type FarParty, openFarParty } from '../../test/support/far-party.js'
import { type HandAction, newTelephone, type Telephone } from './telephone.js'

export interface FarTelephone {
  readonly telephone: Telephone
  /** Rejects with a message for people. */
  act(action: HandAction): Promise<void>
  close(): Promise<void>
}

export interface FarTelephoneOptions {
  readonly name: string
  readonly number: string
  readonly password: string
  readonly address: string
  readonly operator: string
  readonly domain: string
  /** What is spoken, 8 kHz. */
  readonly speech: Int16Array
  onChange(): void
}

const LOOK_MS = 100
/** So long after the last key a number counts as complete. */
const PAUSE_MS = 4000
const KEY_MS = 120
/** Mean magnitude of what is worth calling a sound. */
const AUDIBLE = 60

const complete = /^(?:0[1-9]\d{8}|123|31\d\d|[*#]\d\d(?:\*\d+)?#|.+#)$/

/** Of a handset on its hook. */
const nothing = { display: '', heard: '', caption: '', pressed: '' }

/** What the display shows of an incoming call: "withheld", or the number, and for whom it was meant. */
export const displayOf = (invite: NonNullable<FarParty['invite']>): string => {
  const from = headerOf(invite, 'From') ?? ''
  const caller = /anonymous/i.test(from) ? 'withheld' : (/sip:(\+?\d+)@/.exec(from)?.[1] ?? 'unknown')
  const forwardedBy = /sip:(\+?\d+)@/.exec(headerOf(invite, 'Diversion') ?? '')?.[1]
  return forwardedBy === undefined ? caller : `${caller} via ${forwardedBy}`
}

export const openFarTelephone = async (options: FarTelephoneOptions): Promise<FarTelephone> => {
  const hal = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
  const [host = '', port = ''] = options.operator.split(':')
  const { number, password, address, domain } = options
  const party = await openFarParty({ number, password, address }, hal, {
    endpoint: { address: host, port: Number(port) },
    domain,
  })
  const telephone = newTelephone(options.name, number, 'far')
  telephone.registration = 'registered'
  let dialling: NodeJS.Timeout | undefined
  /** A call was there since the handset was lifted. */
  let called = false
  let talksSince = 0

  const place = (): void => {
    clearTimeout(dialling)
    called = true
    party.call(telephone.pressed.replace(/(?<=^\d+)#$/, '').replaceAll('#', '%23'))
  }
  const press = (key: string): void => {
    telephone.pressed += key
    if (party.state === 'talking') party.ear.press(key, KEY_MS)
    else if (!called) {
      clearTimeout(dialling)
      if (complete.test(telephone.pressed)) place()
      else dialling = setTimeout(place, PAUSE_MS)
    }
  }
  const speak = (): void => {
    const begins = Math.round(hal.clock.now() / 125)
    party.ear.says = n => options.speech[n - begins] ?? 0
  }
  const hangUp = (): void => {
    clearTimeout(dialling)
    if (party.state === 'calling') party.cancel()
    else party.hangUp()
    telephone.offHook = false
  }
  const lift = (): void => {
    telephone.offHook = true
    telephone.pressed = telephone.heard = telephone.caption = ''
    called = party.state === 'ringing'
    talksSince = hal.clock.now()
    if (called) party.answer()
  }
  const heardNow = (): string => {
    const sound = party.ear.heard(hal.clock.now() - 400_000)
    return sound.length > 0 && sound.reduce((sum, x) => sum + Math.abs(x), 0) / sound.length > AUDIBLE
      ? 'unknown'
      : 'none'
  }
  const seen = (): Partial<Telephone> => {
    const { state } = party
    const incoming = party.invite && { display: displayOf(party.invite) }
    if (!telephone.offHook)
      return state === 'ringing'
        ? { ringing: true, situation: 'ringing-in', tone: 'none', ...incoming }
        : { ringing: false, situation: 'idle', tone: 'none', ...nothing }
    if (state === 'talking') {
      const held = party.direction === 'recvonly' || party.direction === 'inactive'
      const heard = party.ear
        .keys(talksSince)
        .map(({ key }) => key)
        .join('')
      return { ringing: false, situation: 'active', tone: held ? 'held' : heardNow(), heard, ...incoming }
    }
    if (state === 'calling')
      return { situation: 'ringing-out', tone: party.told.includes(180) ? 'ringback' : 'none' }
    if (called) return { situation: 'failed', tone: 'busy' }
    return telephone.pressed === ''
      ? { situation: 'dial-tone', tone: 'dial' }
      : { situation: 'dialling', tone: 'none' }
  }
  let before = ''
  const look = (): void => {
    // Lifted and busy with a number: no telephone rings then.
    if (telephone.offHook && party.state === 'ringing') party.reject(486)
    Object.assign(telephone, seen())
    const now = JSON.stringify(telephone)
    if (now !== before) options.onChange()
    before = now
  }
  const looking = setInterval(look, LOOK_MS)

  return {
    telephone,
    act: async action => {
      if (action.do === 'R') throw new Error('this telephone has no R key; those on the box have')
      if (action.do === 'lift') lift()
      else if (action.do === 'hang up') hangUp()
      else if (!telephone.offHook) throw new Error('the handset is on hook')
      else if (action.do === 'speak') speak()
      else for (const key of action.keys) press(key)
      look()
    },
    close: async () => {
      clearInterval(looking)
      clearTimeout(dialling)
      await party.close()
    },
  }
}
