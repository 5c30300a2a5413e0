// The demo by hand: keys of the terminal become what a finger does on the telephone.

import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { COLUMNS, ROWS, screen } from './screen.js'
import type { HandAction, Telephone } from './telephone.js'
import type { World } from './world.js'

const HOME = '\x1b[H'
const END_OF_LINE = '\x1b[K'
const END_OF_SCREEN = '\x1b[J'
const CURSOR_OFF = '\x1b[?25l'
const CURSOR_ON = '\x1b[?25h'
/** What is said moves on without an event. */
const REDRAW_MS = 500
/** Arrows and Shift-Tab come as one piece. */
const stepKeys: Readonly<Record<string, number>> = {
  '\t': 1,
  '\x1b[C': 1,
  '\x1b[B': 1,
  '\x1b[Z': -1,
  '\x1b[D': -1,
  '\x1b[A': -1,
}

/** Resolves when the person leaves. */
export const playByHand = async (world: World, plan: DialPlan): Promise<void> => {
  const { stdin, stdout } = process
  let chosen = 0
  let last = 'tel1 and tel2 are on the box, anna is elsewhere. h lifts the handset.'
  let mails = 0
  const draw = () => {
    const { rows = ROWS, columns = COLUMNS + 1 } = stdout
    const telephone = world.telephones[chosen] as Telephone
    const portal = { url: world.portal, password: world.passwords[telephone.number] ?? '' }
    if (world.mails.length > mails) last = `Mail: ${world.mails.at(-1)}`
    mails = world.mails.length
    const lines = screen({ ...world, chosen, plan, last, portal, now: Date.now() }, Math.max(rows, ROWS))
    const tooSmall = rows < ROWS || columns <= COLUMNS
    const shown = tooSmall
      ? [`The demo wants ${COLUMNS + 1} x ${ROWS}; this is ${columns} x ${rows}.`, ...lines].slice(0, rows)
      : lines
    const text = shown.map(line => line.slice(0, columns - 1) + END_OF_LINE).join('\r\n')
    stdout.write(HOME + text + END_OF_SCREEN)
  }
  const act = (action: HandAction, saying: string) => {
    const telephone = world.telephones[chosen] as Telephone
    last = `${telephone.name}: ${saying}`
    world.act(telephone, action).catch((error: Error) => {
      last = `${telephone.name}: ${error.message}`
      draw()
    })
    draw()
  }
  /** False: leave. */
  const onKey = (key: string): boolean => {
    const telephone = world.telephones[chosen] as Telephone
    const step = stepKeys[key]
    if (key === 'q' || key === '\x03' || key === '\x04') return false
    if (step !== undefined) {
      chosen = (chosen + step + world.telephones.length) % world.telephones.length
      last = `Now at ${world.telephones[chosen]?.name}.`
      draw()
    } else if (key === 'h' && telephone.offHook) act({ do: 'hang up' }, 'hangs up.')
    else if (key === 'h') act({ do: 'lift' }, 'lifts the handset.')
    else if (key === 'r') act({ do: 'R' }, 'presses R.')
    else if (key === 's') act({ do: 'speak' }, 'speaks for three seconds.')
    else if (/^[0-9*#]$/.test(key)) act({ do: 'keys', keys: key }, `presses ${key}.`)
    return true
  }
  const stop = world.onChange(draw)
  const subtitles = setInterval(draw, REDRAW_MS)
  stdout.on('resize', draw)
  stdin.setRawMode(true)
  stdin.resume()
  stdout.write(CURSOR_OFF + HOME + END_OF_SCREEN)
  draw()
  try {
    await new Promise<void>(resolve => {
      stdin.on('data', (bytes: Buffer) => {
        const text = bytes.toString()
        const keys = text.startsWith('\x1b') ? [text] : [...text]
        if (!keys.every(onKey)) resolve()
      })
    })
  } finally {
    stop()
    clearInterval(subtitles)
    stdout.off('resize', draw)
    stdin.removeAllListeners('data')
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write(HOME + END_OF_SCREEN + CURSOR_ON)
  }
}
