// This machine as `voiceport check` sees it: its files, its GPIO chips as their character devices tell, its sound devices tried
// for real. Loaded for a board that has pins or sound.

import { type Machine, machineAt } from './machine.js'

export const thisMachine = (): Machine =>
  machineAt('/', {
    gpioDevices: async () => {
      const { gpioChips } = await import('../hal/linux/gpio-chips.js')
      return gpioChips()
    },
    sound: async ({ capture, playback, channels }) => {
      const { probeAlsa } = await import('../hal/linux/alsa-probe.js')
      const probe = await probeAlsa(capture, { playback, channels })
      if (!probe.ok) return probe
      return { ok: true, capture: formatText(probe.capture), playback: formatText(probe.playback) }
    },
  })

const formatText = ({
  formats,
  rate,
  channels,
}: {
  readonly formats: readonly string[]
  readonly rate: string
  readonly channels: string
}): string => `${rate} Hz, ${formats.join(' ')}, ${channels} channels`
