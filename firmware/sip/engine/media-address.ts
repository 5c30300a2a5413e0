// Where RTP may be sent: a unicast address of our family. A session description that names a multicast group, a broadcast
// address or nobody would make the box a packet cannon.

import { isIPv4, isIPv6 } from 'node:net'

/** True for a numeric unicast address of this family; 0.0.0.0, ::, multicast, reserved and broadcast are not. */
export const isUsableDestination = (address: string, family: 4 | 6): boolean => {
  if (family === 4) {
    if (!isIPv4(address)) return false
    const first = Number(address.split('.')[0])
    return first !== 0 && first < 224
  }
  return isIPv6(address) && !/^ff/i.test(address) && !/^(0*:)*:?0*$/.test(address)
}
