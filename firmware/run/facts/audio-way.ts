// Which way audio was to go in a call (RFC 3264 §5.1), over its whole time: an announcement that is only to be heard, and a
// far end that only listens, are no fault of the way there.

import type { StreamStatistics } from '../../media/media-contract.js'
import type { RemoteMedia } from '../../sip/sip-line.js'
import type { StreamFacts } from './facts.js'

/** Seen from here. */
export type AudioWay = RemoteMedia['direction']

const sends = (way: AudioWay): boolean => way === 'sendrecv' || way === 'sendonly'
const receives = (way: AudioWay): boolean => way === 'sendrecv' || way === 'recvonly'

/** What was agreed on before, and now, together: a call that was held is not one that was to be silent. */
export const wider = (before: AudioWay | undefined, now: AudioWay): AudioWay => {
  if (before === undefined || before === now) return now
  const sent = sends(before) || sends(now)
  if (receives(before) || receives(now)) return sent ? 'sendrecv' : 'recvonly'
  return sent ? 'sendonly' : 'inactive'
}

/** `way` undefined: nothing was agreed on that is known. */
export const withWay = (figures: StreamStatistics, way: AudioWay | undefined): StreamFacts =>
  way === undefined || way === 'sendrecv' ? figures : { ...figures, oneWay: way }

/** Whether packets of the far end were to be expected, and packets from here. */
export const expectsAudio = ({ oneWay }: Pick<StreamFacts, 'oneWay'>) => {
  const way = oneWay ?? 'sendrecv'
  return { fromThere: receives(way), fromHere: sends(way) }
}
