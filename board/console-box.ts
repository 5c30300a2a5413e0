// Answers the console's questions from the queries of the running box.

import type {
  BoardFacts,
  CallFacts,
  CodeFacts,
  ConsoleBox,
  LineFacts,
  StreamFacts,
  VersionFacts,
  WatchEvent,
  WatchTopic,
} from '../firmware/console/console-box.js'
import { explain, isSituation } from '../firmware/phone/explain.js'
import { codeMeaning, networkMeaning } from '../firmware/phone/explain-codes.js'
import { situations } from '../firmware/phone/situation.js'
import type { Diagnosis } from '../firmware/run/diagnosis.js'
import { dialPlan } from '../firmware/run/dial-plan.js'
import type { BoxFacts } from '../firmware/run/facts/facts.js'
import type { SettingsDesk } from '../firmware/settings/desk-contract.js'
import type { Settings } from '../firmware/settings/load-settings.js'
import { type Clock, us } from '../hal/clock.js'
import type { KeptLog } from './kept-log.js'
import { profileFacts, settingFacts } from './setting-facts.js'
import { shownStartLine } from './shown-keys.js'
import { lineText, stepFacts, type WatchedTrace } from './watched-trace.js'

export interface ConsoleBoxParts {
  readonly diagnosis: Diagnosis
  readonly clock: Clock
  readonly log: KeptLog
  readonly trace: WatchedTrace
  readonly desk: SettingsDesk
  readonly version: string
  readonly restart: () => void
}

export const createConsoleBox = (parts: ConsoleBoxParts): ConsoleBox => {
  const { diagnosis, clock, log, trace, desk } = parts
  const settings = () => desk.current()
  const begun = clock.now()
  const plan = () => dialPlan(settings().profile, settings().config.line[0]?.masking.owner)
  return {
    version: () => versionFacts(parts, begun),
    lineIds: () => diagnosis.lines,
    lines: async () => lineFacts(await diagnosis.facts(), settings()),
    calls: async () => callFacts(await diagnosis.facts()),
    diagnosis,
    settings: () => settingFacts(settings().config, desk.overrides()),
    desk,
    profile: () => profileFacts(settings().profile),
    board: () => boardFacts(settings()),
    codes: () => codeFacts(plan()),
    trace: most => trace.steps().slice(-most).map(stepFacts),
    log: most => log.last(most),
    media: async () => streamFacts(await diagnosis.facts()),
    explain: (keys, state) => (isSituation(state) ? explain(keys, state, plan()) : undefined),
    situations: () => situations,
    watch: (topic, sink) => watch(topic, sink, parts),
    restart: parts.restart,
  }
}

/** Making one is dear; the zone hardly ever changes. */
let face: { readonly timezone: string; readonly format: Intl.DateTimeFormat } | undefined
const clockFace = (timeZone: string): Intl.DateTimeFormat => {
  // The Swedish form of a date is that of ISO 8601.
  if (face?.timezone !== timeZone)
    face = {
      timezone: timeZone,
      format: new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
    }
  return face.format
}

const versionFacts = ({ version, clock, desk }: ConsoleBoxParts, begun: number): VersionFacts => {
  const { timezone } = desk.current().config
  return {
    version,
    node: process.version,
    uptimeSeconds: Math.floor((clock.now() - begun) / 1_000_000),
    rssBytes: process.memoryUsage.rss(),
    time: clockFace(timezone).format(clock.wall()),
    timezone,
  }
}

const lineFacts = ({ lines, wallMs }: BoxFacts, { config }: Settings): readonly LineFacts[] =>
  lines.map(({ line, situation, registration, flash }) => {
    const account = config.line.find(({ id }) => id === line)?.account
    const { state, sinceMs, status, reason, nextMs } = registration
    return {
      line,
      situation,
      registration: state,
      registrationSeconds: secondsBetween(sinceMs, wallMs),
      proxies: account?.proxies ?? [],
      ...(account && { user: account.user, domain: account.domain }),
      ...(status !== undefined && { status }),
      ...(reason !== undefined && { reason }),
      ...(nextMs !== undefined && { nextSeconds: secondsBetween(wallMs, nextMs) }),
      ...(flash.lastMs !== undefined && { lastFlashMs: flash.lastMs }),
    }
  })

const secondsBetween = (fromMs: number, toMs: number): number =>
  Math.max(0, Math.round((toMs - fromMs) / 1000))

/** Those that stand. */
const callFacts = ({ lines, wallMs }: BoxFacts): readonly CallFacts[] =>
  lines.flatMap(({ line, calls }) =>
    calls
      .filter(({ endedMs }) => endedMs === undefined)
      .map(({ direction, party, answeredMs, wallMs: begunMs }) => ({
        line,
        direction,
        state: answeredMs === undefined ? ('ringing' as const) : ('answered' as const),
        seconds: secondsBetween(begunMs, wallMs),
        ...(party !== undefined && { party }),
      })),
  )

const boardFacts = ({ board }: Settings): BoardFacts => ({
  name: board.name,
  driver: board.driver,
  lines: board.lines,
  rows: board.serial === undefined ? [] : Object.entries(board.serial).map(([k, v]) => [k, String(v)]),
})

const codeFacts = ({ codes, networkCodes }: ReturnType<typeof dialPlan>): readonly CodeFacts[] => [
  ...codes.map(({ code, does, by }) => ({ code, owner: by, meaning: codeMeaning[does] })),
  ...networkCodes.map(code => ({ code, owner: 'network' as const, meaning: networkMeaning })),
]

const streamFacts = ({ lines }: BoxFacts): readonly StreamFacts[] =>
  lines.flatMap(({ line, media }) => media.map(stream => ({ ...stream, line })))

const watch = (
  topic: WatchTopic,
  sink: (event: WatchEvent) => void,
  { trace, log, clock }: ConsoleBoxParts,
): (() => void) => {
  switch (topic) {
    case 'sip':
      return log.watch((message, { direction, peer, line }) => {
        if (message === 'sip')
          sink({ us: clock.now(), text: `${direction} ${peer} ${shownStartLine(String(line))}` })
      })
    case 'phone':
      return trace.watch(step => {
        const { event, from, to, effects } = stepFacts(step)
        const moved = from === to ? from : `${from} -> ${to}`
        const text = `${event}: ${moved}${effects.length > 0 ? ` [${effects.join(' ')}]` : ''}`
        sink({ us: us(step.us), line: step.line, text })
      })
    case 'line':
      return trace.watch(step => {
        const text = lineText(step)
        if (text !== undefined) sink({ us: us(step.us), line: step.line, text })
      })
  }
}
