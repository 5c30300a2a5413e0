// What the audio half is told of the settings: at once, with the box's own address as it was last known; and again when the
// address has been found, however late the network comes.

import type { Log } from '../firmware/log.js'
import type { MediaConfig } from '../firmware/media/media-contract.js'
import { mediaConfig } from '../firmware/run/line-config.js'
import type { Settings } from '../firmware/settings/load-settings.js'
import type { Clock } from '../hal/clock.js'
import type { Network } from '../hal/network.js'
import { keepTrying, type Trying } from './keep-trying.js'
import { localAddress } from './local-address.js'

export interface AudioSettings {
  /** The first address is known, or goes on being looked for. Rejects when there can be none. */
  readonly begun: Promise<void>
  /** These from now on. */
  use(settings: Settings): void
  close(): void
}

export const createAudioSettings = (options: {
  readonly settings: Settings
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
  readonly configure: (config: MediaConfig) => void
}): AudioSettings => {
  const { network, log } = options
  // Tones and keys need no network, and must not wait for it.
  let address = '127.0.0.1'
  const begin = (settings: Settings): Trying => {
    const { config, profile } = settings
    const tell = (): void => options.configure(mediaConfig(profile, address, config.media))
    tell()
    let wanted = true
    const trying = keepTrying('audio', options, async () => {
      const found = await localAddress(config.media.listen, config.line, network)
      // Newer settings may have come while a name server was asked.
      if (!wanted || found.address === address) return
      address = found.address
      tell()
    })
    return {
      begun: trying.begun,
      stop: () => {
        wanted = false
        trying.stop()
      },
    }
  }
  let trying = begin(options.settings)
  return {
    begun: trying.begun,
    use: settings => {
      trying.stop()
      trying = begin(settings)
      trying.begun.catch((error: Error) =>
        log.error('audio keeps its former address', { reason: error.message }),
      )
    },
    close: () => trying.stop(),
  }
}
