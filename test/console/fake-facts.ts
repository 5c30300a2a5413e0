// What the diagnosis of the written-down box knows: the same lines, calls and refusal that the other answers of it tell.

import type { Diagnosis } from '../../firmware/run/diagnosis.js'
import type { BoxFacts, LineFacts, RegistrationFacts } from '../../firmware/run/facts/facts.js'
import { judge } from '../../firmware/run/verdicts/judge.js'

const now = Date.UTC(2026, 0, 15, 10)

const line = (id: string, registration: RegistrationFacts): LineFacts => ({
  ...{ line: id, situation: 'idle', situationMs: 60_000, offHook: false, ringing: false, faults: [] },
  ...{ registration, calls: [], codes: [], media: [] },
  flash: { window: [80, 600], count: 0, tooShort: 0, tooLong: 0, bins: [] },
})

const facts: BoxFacts = {
  ...{ wallMs: now, upMs: 7_384_000, alarms: [] },
  lines: [
    {
      ...line('tel1', {
        ...{ hasAccount: true, state: 'registered', sinceMs: now - 7_200_000, wasRegistered: true },
        ...{ address: '0389000001@operator.test', status: 200, proxies: ['127.0.0.1:5060'] },
      }),
      ...{ situation: 'active', situationMs: 90_000, offHook: true },
      media: [
        {
          ...{ stream: 'a', sentPackets: 4750, receivedPackets: 4748, lostPackets: 2, latePackets: 0 },
          ...{ jitterMs: 1.25, roundTripMs: 21.4 },
        },
      ],
    },
    line('tel2', {
      ...{ hasAccount: true, state: 'refused', sinceMs: now - 65_000, wasRegistered: false },
      ...{ address: '0389000002@operator.test', status: 403, reason: 'Forbidden' },
      ...{ answered: true, challenged: true, proxies: ['127.0.0.1:5060'] },
    }),
  ],
}

const asked = (only: string | undefined): BoxFacts => ({
  ...facts,
  lines: facts.lines.filter(({ line: id }) => only === undefined || id === only),
})

/** It answers questions and does no test. */
export const fakeDiagnosis = {
  lines: facts.lines.map(({ line: id }) => id),
  facts: async (only?: string) => asked(only),
  verdicts: async (only?: string) => judge(asked(only)),
} as Partial<Diagnosis> as Diagnosis
