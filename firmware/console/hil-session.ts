// A session in HIL mode: collects its lines and answers them (hil.ts says what they look like).

import { allows, carryOut, type Shown } from './carry-out.js'
import type { Language } from './command.js'
import { parseLine } from './grammar.js'
import { type HilRequest, hilDone, hilFailed, hilLine, parseHil } from './hil.js'
import { enter } from './login.js'
import { folded } from './pages.js'
import { phrases } from './phrases.js'
import type { LiveSession } from './session.js'
import { answerSettings, type SettingsRequest } from './settings-requests.js'

export interface HilSession {
  /** Enter on an empty line, Ctrl-C or Ctrl-D: no script types them; somebody wants a prompt. */
  isPerson(byte: number): boolean
  /** One byte further; a whole line when it ends one. */
  byte(byte: number): string | undefined
  /** Answers a line. Never rejects. */
  request(line: string, signal: AbortSignal): Promise<void>
  /** It is locked, and that is in order: somebody may log in. */
  readonly mayLogIn: boolean
}

const longest = 8192

export const createHilSession = (live: LiveSession): HilSession => {
  let line = ''
  let tooLong = false
  /** Beyond ASCII: left out, a password would be another one. */
  let foreign = false
  let mayLogIn = false
  const fail = (id: HilRequest['id'], code: Parameters<typeof hilFailed>[1], message: string): void =>
    live.outlet.write(hilFailed(id, code, message))
  const logIn = async ({ id, login, level }: Extract<HilRequest, { login: string }>): Promise<void> => {
    const refused = await enter(live, login, level)
    mayLogIn = live.level === 'locked'
    if (refused) fail(id, 'VP-7501', refused.en)
    else live.outlet.write(hilDone(id, { level: live.level }))
  }
  const settings = async (id: HilRequest['id'], request: SettingsRequest): Promise<void> => {
    const changes = request.type === 'set' || request.type === 'import'
    if (changes && !allows(live.level, 'enable')) return fail(id, 'VP-7505', phrases.needsEnable.en)
    const reply = await answerSettings(request, live.parts.box)
    if ('code' in reply) fail(id, reply.code, reply.message)
    else live.outlet.write(hilDone(id, reply))
  }
  return {
    // An LF may belong to the CR of a script.
    isPerson: byte => line === '' && !tooLong && (byte === 13 || byte === 3 || byte === 4),
    byte: byte => {
      if (byte === 10 || byte === 13) {
        const whole = tooLong ? '(too long)' : foreign ? '(not ASCII)' : line
        line = ''
        tooLong = false
        foreign = false
        return whole.trim() === '' ? undefined : whole
      }
      if (byte === 3) {
        line = ''
        foreign = false
      } else if (byte > 0x7f) foreign = true
      else if (byte < 0x20 || byte === 0x7f) return undefined
      else if (line.length >= longest) tooLong = true
      else line += String.fromCharCode(byte)
      return undefined
    },
    request: async (text, signal) => {
      const request = parseHil(text)
      if (request === undefined) return fail(undefined, 'VP-7502', 'not a request')
      if ('login' in request) return logIn(request)
      if (live.level === 'locked') return fail(request.id, 'VP-7501', 'log in first')
      mayLogIn = false
      if ('settings' in request) return settings(request.id, request.settings)
      const { box, clock, log } = live.parts
      const parsed = parseLine(request.do, live.world(!request.short))
      if (parsed === undefined) return fail(request.id, 'VP-7503', 'no command')
      await carryOut(parsed, { box, clock, session: live, signal }, forScripts(live, request), log)
    },
    get mayLogIn() {
      return mayLogIn
    },
  }
}

const forScripts = (
  live: LiveSession,
  { id, text, language }: Extract<HilRequest, { do: string }>,
): Shown => {
  const { outlet } = live
  const wanted: Language = language ?? live.language
  let last: Readonly<Record<string, never>> | object = {}
  return {
    answer: async (answer, streamed) => {
      const shown = {
        data: answer.data,
        ...(text && { text: answer.text(wanted).flatMap(folded) }),
      }
      if (!streamed) last = shown
      else {
        await outlet.room()
        outlet.write(hilLine({ id, ev: 'output', ...shown }))
      }
    },
    refused: (code, message) => outlet.write(hilFailed(id, code, message[wanted])),
    done: ok => outlet.write(hilDone(id, { ...last, ...(ok ? {} : { good: false }) })),
  }
}
