// One scenario as a picture: line voltage, loop current and hook, ring, tones and audio of each telephone, the messages of
// the network and what was done, over time.

import type { BenchEvent } from '../bench-client.js'
import { levelMs } from '../ear-recorder.js'
import type { ScenarioReport } from '../runner.js'
import {
  createRows,
  drawLanes,
  fontFamily,
  ink,
  type Lane,
  letter,
  right,
  type TimeAxis,
  timeAxis,
  width,
} from './axes.js'
import { element, line, path, rect, text, title } from './svg.js'

const marginUs = 250_000
const rowHeight = 15
const restAfterUs = 900_000

/** The picture by itself: a whole SVG file. */
export const pictureOf = (report: ScenarioReport): string => {
  const axis = timeAxis(report.startUs - marginUs, report.endUs + restAfterUs)
  const lines = [...new Set(report.events.flatMap(({ line }) => (line === undefined ? [] : [line])))].sort()
  const used = lines.filter((line, n) => n === 0 || report.steps.some(step => step.line === line))
  const lanes = [
    actionLane(report, axis),
    ...used.flatMap(line => telephoneLanes(report, line, axis, used.length > 1)),
    ...(report.messages.length > 0 ? [networkLane(report, axis)] : []),
  ]
  const { drawing, bottom } = drawLanes(lanes, axis, 64)
  const colour = report.outcome === 'passed' ? ink.good : ink.bad
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${bottom}`,
      width,
      height: bottom,
      'font-family': fontFamily,
      role: 'img',
    },
    title(`${report.name}: ${report.title}`),
    rect(0, 0, width, bottom, { fill: '#ffffff' }),
    text(10, 24, report.name, { 'font-size': 17, 'font-weight': 'bold', fill: ink.text }),
    text(10 + report.name.length * 11 + 18, 24, report.outcome.toUpperCase(), {
      'font-size': 13,
      'font-weight': 'bold',
      fill: colour,
    }),
    text(10, 45, report.reason ?? report.title, {
      'font-size': 12.5,
      fill: report.reason ? ink.bad : ink.text,
    }),
    drawing,
  )
}

const label = (x: number, y: number, words: string, fill: string): string =>
  text(x, y, words, { 'font-size': 11, fill })

/** What was done and what was expected: ticks with their words in rows. */
const actionLane = (report: ScenarioReport, axis: TimeAxis): Lane => {
  const told = report.steps
    .filter(({ kind, ok }) => kind === 'action' || kind === 'seen' || !ok)
    .sort((a, b) => a.us - b.us)
  const rows = 6
  return {
    name: 'done and seen',
    height: rows * rowHeight + 6,
    draw: top => {
      const place = createRows(rows)
      return told
        .map(({ us, kind, what, line: who, tookMs, ok }) => {
          const words = `${who === undefined ? '' : `${who} `}${what}${tookMs === undefined ? '' : ` ${tookMs} ms`}`
          const colour = ok ? (kind === 'action' ? ink.action : ink.good) : ink.bad
          const x = axis.x(us)
          const wide = words.length * letter + 6
          const fits = x + wide <= width - right
          const row = place(fits ? x : x - wide, wide)
          const y = top + (row ?? rows - 1) * rowHeight + 14
          const start = fits ? x + 4 : x - wide
          return (
            line(x, top, x, top + rows * rowHeight + 6, {
              stroke: colour,
              'stroke-width': 0.8,
              opacity: 0.55,
            }) +
            (row === undefined ? '' : label(start, y, words, colour)) +
            element(
              'circle',
              { cx: x, cy: y - 4, r: row === undefined ? 0 : 2.2, fill: colour },
              title(words),
            )
          )
        })
        .join('')
    },
  }
}

/** A value that holds until the next one. */
const stepped = (
  points: readonly { readonly us: number; readonly value: number }[],
  axis: TimeAxis,
  y: (value: number) => number,
): (readonly [number, number])[] =>
  points.flatMap(({ us, value }, n): (readonly [number, number])[] => {
    const next = points[n + 1]?.us ?? axis.toUs
    return [
      [axis.x(us), y(value)],
      [axis.x(next), y(value)],
    ]
  })

/** With the last value before the picture begins. */
const valuesOf = (
  events: readonly BenchEvent[],
  axis: TimeAxis,
  before: number,
  read: (event: BenchEvent) => number | undefined,
): { readonly us: number; readonly value: number }[] => [
  { us: axis.fromUs, value: before },
  ...events
    .flatMap(event => {
      const value = read(event)
      return value === undefined ? [] : [{ us: event.us as number, value }]
    })
    .sort((a, b) => a.us - b.us),
]

interface Burst {
  readonly from: number
  readonly to: number
  readonly kind: string
  readonly hz: number
}

const burstsOf = (events: readonly BenchEvent[], axis: TimeAxis): readonly Burst[] => {
  const rings = events.filter(({ ev }) => ev === 'ring')
  return rings.flatMap((event, n) => {
    if (event['on'] !== true) return []
    const off = rings.slice(n + 1).find(({ on }) => on === false)
    return [
      {
        from: event.us as number,
        to: (off?.us as number | undefined) ?? axis.toUs,
        kind: String(event['kind']),
        hz: Number(event['hz']),
      },
    ]
  })
}

/** Symbolic: the channel tells when there is ring voltage and its frequency, not its height. */
const drawBurst = ({ from, to, kind, hz }: Burst, axis: TimeAxis, y: (value: number) => number): string => {
  const [x, end] = [axis.x(from), axis.x(to)]
  const points: (readonly [number, number])[] = []
  for (let at = x, n = 0; at <= end; at += 1.5, n++) points.push([at, n % 2 === 0 ? y(46) : y(-94)])
  const words = kind === 'full' ? `${hz} Hz` : kind
  return (
    rect(x, y(46), end - x, y(-94) - y(46), { fill: ink.ring, opacity: 0.12 }) +
    path(points, { stroke: ink.ring, 'stroke-width': 0.6, opacity: 0.75 }) +
    (end - x < words.length * letter
      ? text(x, y(46) - 3, words, { 'font-size': 10, fill: ink.ring })
      : text(x + 3, y(46) - 3, `ring ${words}`, { 'font-size': 10, fill: ink.ring }))
  )
}

const telephoneLanes = (
  report: ScenarioReport,
  line: string,
  axis: TimeAxis,
  several: boolean,
): readonly Lane[] => {
  const events = report.events.filter(event => event.line === line)
  const name = (words: string) => (several ? `${line} ${words}` : words)
  const audio = report.ear.filter(chunk => chunk.line === line)
  return [
    voltageLane(name('line voltage'), events, axis),
    currentLane(name('hook'), events, axis),
    toneLane(name('ear hears'), events, axis),
    ...(audio.length > 0 ? [audioLane(name('ear audio'), audio, axis)] : []),
  ]
}

const voltageLane = (name: string, events: readonly BenchEvent[], axis: TimeAxis): Lane => ({
  name,
  unit: 'V, ring symbolic',
  height: 84,
  scale: { low: -104, high: 66, marks: [0, -48] },
  draw: (_, y) => {
    // At rest a line is fed with 48 V; a channel that tells no voltage shows the bell alone.
    const known = events.some(({ ev }) => ev === 'volts')
    const points = valuesOf(events, axis, -48, ({ ev, dc }) => (ev === 'volts' ? Number(dc) : undefined))
    return (
      (known ? path(stepped(points, axis, y), { stroke: ink.volts, 'stroke-width': 1.6 }) : '') +
      burstsOf(events, axis)
        .map(burst => drawBurst(burst, axis, y))
        .join('')
    )
  },
})

const currentLane = (name: string, events: readonly BenchEvent[], axis: TimeAxis): Lane => ({
  name,
  unit: 'loop current, mA',
  height: 46,
  scale: { low: -2, high: 32, marks: [0, 20] },
  draw: (_, y) => {
    const points = valuesOf(events, axis, 0, ({ ev, state, mA }) =>
      ev === 'loop' ? (state === 'closed' ? Math.abs(Number(mA)) : 0) : undefined,
    )
    const lifted = points.flatMap(({ us, value }, n) => {
      const end = points[n + 1]?.us ?? axis.toUs
      return value > 0 ? [{ from: axis.x(us), to: axis.x(end) }] : []
    })
    return (
      lifted
        .map(
          ({ from, to }) =>
            rect(from, y(32), to - from, y(-2) - y(32), { fill: ink.current, opacity: 0.1 }) +
            (to - from > 60 ? label(from + 4, y(6), 'off-hook', ink.current) : ''),
        )
        .join('') + path(stepped(points, axis, y), { stroke: ink.current, 'stroke-width': 1.6 })
    )
  },
})

const cadenceIn = ({ hz, onMs, offMs }: BenchEvent): string => {
  const tones =
    Array.isArray(hz) && hz.length > 0 ? ` ${hz.map(each => Math.round(Number(each))).join('+')} Hz` : ''
  return offMs === 0 || offMs === undefined
    ? tones
    : `${tones} ${Math.round(Number(onMs))}/${Math.round(Number(offMs))} ms`
}

const keyRow = 14

const toneLane = (name: string, events: readonly BenchEvent[], axis: TimeAxis): Lane => ({
  name,
  unit: 'tones, keys, display',
  height: 50,
  draw: top => {
    const tones = events.filter(({ ev }) => ev === 'tone').sort((a, b) => Number(a.us) - Number(b.us))
    const bars = tones.map((event, n) => {
      if (event['name'] === 'none') return ''
      const x = axis.x(event.us as number)
      const end = axis.x((tones[n + 1]?.us as number | undefined) ?? axis.toUs)
      const full = `${event['name']}${cadenceIn(event)}`
      const next = tones.slice(n + 1).find(({ name }) => name !== 'none')
      const free = axis.x((next?.us as number | undefined) ?? axis.toUs) - x - 8
      // A short tone has its words beside it, as far as the next one leaves room.
      const words = [full, String(event['name'])].find(each => each.length * letter <= free) ?? ''
      const start = words.length * letter <= end - x - 6 ? x + 3 : Math.max(end, x + 1.5) + 4
      const shown = start + words.length * letter <= x + free + 8 ? start : x + 3
      return (
        element(
          'rect',
          { x, y: top + 4, width: Math.max(1.5, end - x), height: 18, fill: ink.tone, opacity: 0.22 },
          title(full),
        ) + label(shown, top + 17, words, ink.tone)
      )
    })
    const place = createRows(1)
    const marks = events.flatMap(event => {
      const words = markOf(event)
      if (words === undefined) return []
      const x = axis.x(event.us as number)
      const row = place(x, words.length * letter + 4)
      return [
        line(x, top + 26, x, top + 26 + keyRow + 6, { stroke: ink.tone }) +
          (row === undefined ? '' : label(x + 3, top + 26 + keyRow, words, ink.tone)),
      ]
    })
    return [...bars, ...marks].join('')
  },
})

/** What else the ear or the display was told. */
const markOf = (event: BenchEvent): string | undefined => {
  switch (event.ev) {
    case 'dtmf':
      return `key ${event['digit']}`
    case 'clip':
      return `display: ${event['number'] ?? (event['absence'] === 'P' ? 'withheld' : 'not available')}`
    case 'clip-refused':
      return `display: unreadable (${event['reason']})`
    case 'mwi':
      return `messages: ${event['on'] === true ? 'yes' : 'no'}`
    default:
      return undefined
  }
}

const audioLane = (name: string, chunks: ScenarioReport['ear'], axis: TimeAxis): Lane => ({
  name,
  unit: 'level, dBm0',
  height: 64,
  scale: { low: -60, high: 0, marks: [0, -20, -40] },
  draw: (_, y) =>
    chunks
      .map(({ startUs, levels }) => {
        const points = levels
          .map((level, n) => [startUs + n * levelMs * 1000, level] as const)
          .filter(([us]) => us >= axis.fromUs && us <= axis.toUs)
          .map(([us, level]) => [axis.x(us), y(level)] as const)
        const [first, last] = [points[0], points.at(-1)]
        if (!first || !last) return ''
        return path([[first[0], y(-60)], ...points, [last[0], y(-60)]], {
          fill: ink.audio,
          'fill-opacity': 0.5,
        })
      })
      .join(''),
})

const networkLane = (report: ScenarioReport, axis: TimeAxis): Lane => {
  const rows = 4
  return {
    name: 'network',
    unit: 'SIP: ↑ from the box',
    height: rows * rowHeight + 4,
    draw: top => {
      const place = createRows(rows)
      return report.messages
        .map(({ us, fromBox, what, user }) => {
          const words = `${fromBox ? '↑' : '↓'} ${what}${/^[\d*#+]+$/.test(user) ? ` ${user}` : ''}`
          const x = axis.x(us)
          const wide = words.length * letter + 6
          const start = Math.min(x + 3, width - right - wide)
          const row = place(start, wide)
          return (
            element(
              'line',
              { x1: x, y1: top, x2: x, y2: top + rows * rowHeight + 4, stroke: ink.network, opacity: 0.45 },
              title(words),
            ) + (row === undefined ? '' : label(start, top + row * rowHeight + 13, words, ink.network))
          )
        })
        .join('')
    },
  }
}
