// The frame of a picture: seconds along the bottom, lanes above each other, each with its name, its unit and its own scale.

import { element, line, rect, text } from './svg.js'

export const ink = {
  text: '#1f2933',
  faint: '#616e7c',
  grid: '#e4e7eb',
  frame: '#9aa5b1',
  lane: '#f9fafb',
  volts: '#1d4ed8',
  current: '#b45309',
  ring: '#be123c',
  tone: '#0f766e',
  audio: '#475569',
  action: '#334155',
  network: '#6d28d9',
  good: '#15803d',
  bad: '#b91c1c',
} as const

export const fontFamily = 'DejaVu Sans, Verdana, sans-serif'
export const width = 1180
export const left = 128
export const right = 18
/** Average width of a letter at font size 11. */
export const letter = 6.3

export interface TimeAxis {
  /** Instants, µs. */
  readonly fromUs: number
  readonly toUs: number
  x(us: number): number
}

export const timeAxis = (fromUs: number, toUs: number): TimeAxis => {
  const span = Math.max(1, toUs - fromUs)
  const room = width - left - right
  return {
    fromUs,
    toUs,
    x: us => left + (Math.min(Math.max(us, fromUs), toUs) - fromUs) * (room / span),
  }
}

const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300]

/** Instants of the grid, µs, and seconds told at them; about twelve of them. */
export const gridOf = ({
  fromUs,
  toUs,
}: TimeAxis): readonly { readonly us: number; readonly label: string }[] => {
  const seconds = (toUs - fromUs) / 1e6
  const step = steps.find(each => seconds / each <= 14) ?? 600
  const digits = step < 1 ? 1 : 0
  return Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, n) => ({
    us: fromUs + n * step * 1e6,
    label: (n * step).toFixed(digits),
  }))
}

export interface Lane {
  readonly name: string
  readonly unit?: string
  readonly height: number
  /** Values along its side, with their labels. */
  readonly scale?: {
    readonly low: number
    readonly high: number
    readonly marks: readonly number[]
  }
  /** Its contents, given the y of its top and, with a scale, of a value. */
  draw(top: number, y: (value: number) => number): string
}

const gap = 12

/** All lanes above each other, framed, with the time below. Returns the drawing and its height. */
export const drawLanes = (
  lanes: readonly Lane[],
  axis: TimeAxis,
  from: number,
): { readonly drawing: string; readonly bottom: number } => {
  const grid = gridOf(axis)
  const parts: string[] = []
  let top = from
  for (const lane of lanes) {
    parts.push(drawLane(lane, top, axis, grid))
    top += lane.height + gap
  }
  const bottom = top - gap
  parts.push(
    ...grid.map(({ us, label }) =>
      text(axis.x(us), bottom + 16, label, { 'text-anchor': 'middle', fill: ink.faint, 'font-size': 11 }),
    ),
    text((left + width - right) / 2, bottom + 32, 'time, s', {
      'text-anchor': 'middle',
      fill: ink.faint,
      'font-size': 11,
    }),
  )
  return { drawing: parts.join('\n'), bottom: bottom + 40 }
}

const drawLane = (lane: Lane, top: number, axis: TimeAxis, grid: ReturnType<typeof gridOf>): string => {
  const { height, scale } = lane
  const y = (value: number): number => {
    if (!scale) return top + height / 2
    const inside = Math.min(Math.max(value, scale.low), scale.high)
    return top + height - ((inside - scale.low) / (scale.high - scale.low)) * height
  }
  return element(
    'g',
    {},
    rect(left, top, width - left - right, height, { fill: ink.lane, stroke: ink.frame, 'stroke-width': 0.7 }),
    ...grid.map(({ us }) => line(axis.x(us), top, axis.x(us), top + height, { stroke: ink.grid })),
    text(10, top + 13, lane.name, { fill: ink.text, 'font-size': 11.5, 'font-weight': 'bold' }),
    lane.unit === undefined ? '' : text(10, top + 27, lane.unit, { fill: ink.faint, 'font-size': 10.5 }),
    ...(scale?.marks ?? []).map(
      mark =>
        line(left, y(mark), width - right, y(mark), { stroke: ink.grid }) +
        text(left - 6, y(mark) + 3.5, String(mark), {
          'text-anchor': 'end',
          fill: ink.faint,
          'font-size': 10,
        }),
    ),
    lane.draw(top, y),
  )
}

/** The first row in which words fit at x without touching what stands there; undefined when none of the rows has room. */
export const createRows = (rows: number): ((x: number, wide: number) => number | undefined) => {
  const ends = new Array<number>(rows).fill(Number.NEGATIVE_INFINITY)
  return (x, wide) => {
    const row = ends.findIndex(end => end + 6 <= x)
    if (row < 0) return undefined
    ends[row] = x + wide
    return row
  }
}
