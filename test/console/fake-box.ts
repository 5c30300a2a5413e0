// A box whose answers are written down: what the console shows of it is known to the letter.

import type { ConsoleBox, WatchEvent } from '../../firmware/console/console-box.js'
import { us } from '../../hal/clock.js'
import { fakeDiagnosis } from './fake-facts.js'

export interface FakeBox extends ConsoleBox {
  /** Something happens on it. */
  happen(event: WatchEvent): void
  readonly watchers: number
  restarts: number
}

export const fakeBox = (changes: Partial<ConsoleBox> = {}): FakeBox => {
  const sinks = new Set<(event: WatchEvent) => void>()
  const box: FakeBox = {
    restarts: 0,
    get watchers() {
      return sinks.size
    },
    happen: event => {
      for (const sink of [...sinks]) sink(event)
    },
    version: () => ({
      version: '0.1.0',
      node: 'v20.19.2',
      uptimeSeconds: 7384,
      rssBytes: 71_400_000,
      time: '2026-01-15 11:00:00',
      timezone: 'Europe/Paris',
    }),
    lineIds: () => ['tel1', 'tel2'],
    lines: async () => [
      {
        line: 'tel1',
        user: '0389000001',
        domain: 'operator.test',
        proxies: ['sip:127.0.0.1:5060'],
        registration: 'registered',
        registrationSeconds: 7200,
        nextSeconds: 1735,
        situation: 'active',
        lastFlashMs: 270,
      },
      {
        line: 'tel2',
        user: '0389000002',
        domain: 'operator.test',
        proxies: [],
        registration: 'refused',
        registrationSeconds: 65,
        status: 403,
        reason: 'Forbidden',
        situation: 'idle',
      },
    ],
    calls: async () => [
      { line: 'tel1', direction: 'in', state: 'answered', party: '0389xxxxxx', seconds: 95 },
    ],
    settings: () => [
      { key: 'board', value: 'sim', changed: true, help: 'A board.', legal: '' },
      { key: 'line.tel1.callWaiting', value: 'true', changed: false, help: 'A second call.', legal: '' },
      { key: 'line.tel1.account.password', value: '(set)', changed: true, help: 'Password.', legal: '' },
      { key: 'sip.dscp', value: '24', changed: false, help: 'DSCP mark of SIP.', legal: '0 to 63' },
    ],
    profile: () => ({
      name: 'fr',
      rows: [
        ['hook.flashMs', '80-600 ms'],
        ['emergency', '15 17 18 112 114 115 119 191 196 197 116000 116111 116117'],
      ],
    }),
    board: () => ({ name: 'sim', driver: 'sim', lines: ['tel1', 'tel2'], rows: [] }),
    codes: () => [
      { code: '*93#', owner: 'box', meaning: 'withholds the number of every call' },
      { code: '*21*N#', owner: 'network', meaning: 'forwards every call' },
    ],
    trace: most =>
      Array.from({ length: Math.min(most, 60) }, (_, i) => ({
        us: us(-1_000_000 * (60 - i)),
        line: 'tel1',
        event: 'digit',
        from: 'dialling',
        to: 'dialling',
        effects: ['tone'],
      })),
    log: () => [
      {
        wallMs: Date.UTC(2026, 0, 15, 10, 0, 0, 123),
        level: 'warn',
        message: 'SIP waits for the network',
        fields: { reason: 'no route' },
      },
    ],
    media: async () => [
      {
        stream: 'a',
        line: 'tel1',
        sentPackets: 4750,
        receivedPackets: 4748,
        lostPackets: 2,
        latePackets: 0,
        jitterMs: 1.25,
        roundTripMs: 21.4,
      },
    ],
    explain: (input, state) =>
      /^[rR0-9*# ]+$/.test(input)
        ? {
            input,
            state,
            action: 'hold',
            meaning: 'Holds the party spoken to and answers the caller who waits.',
          }
        : undefined,
    diagnosis: fakeDiagnosis,
    get desk(): never {
      throw new Error('this box is only written down')
    },
    situations: () => ['active', 'dial-tone', 'idle'],
    watch: (_, sink) => {
      sinks.add(sink)
      return () => sinks.delete(sink)
    },
    restart: () => {
      box.restarts++
    },
  }
  return Object.assign(box, changes)
}
