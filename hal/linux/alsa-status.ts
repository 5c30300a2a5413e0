// What the kernel tells of a stream that another process has open: /proc/asound/CARD/pcmNp/subN/status. Only for the
// hardware itself ("hw:"): behind a plug-in the figures count other samples than ours.

import { readFileSync } from 'node:fs'

export interface StreamStatus {
  /** False: it has run dry. */
  readonly running: boolean
  readonly owner: number
  /** Samples between the process and the codec. */
  readonly delay: number
  /** Samples the process has written since it opened the stream, or since the last underrun. */
  readonly written: number
}

/** The file of a playback stream; undefined where the name is not that of hardware. */
export const playbackStatusFile = (device: string, root = '/proc/asound'): string | undefined => {
  const name = /^hw:(?:CARD=)?(\w+)(?:,(?:DEV=)?(\d+))?(?:,(?:SUBDEV=)?(\d+))?$/.exec(device)
  if (name === null) return undefined
  const [, card = '', stream = '0', sub = '0'] = name
  return `${root}/${/^\d+$/.test(card) ? `card${card}` : card}/pcm${stream}p/sub${sub}/status`
}

/** Undefined where the stream has not begun, or there is no such file. */
export const readStreamStatus = (file: string): StreamStatus | undefined => {
  try {
    const text = readFileSync(file, 'latin1')
    const running = text.startsWith('state: RUNNING')
    if (!running && !text.startsWith('state: XRUN')) return undefined
    const value = (name: string): number =>
      Number(new RegExp(`^${name}\\s*:\\s*(-?\\d+)`, 'm').exec(text)?.[1])
    const [owner, delay, written] = [value('owner_pid'), value('delay'), value('appl_ptr')]
    return Number.isFinite(owner + delay + written) ? { running, owner, delay, written } : undefined
  } catch {
    return undefined
  }
}
