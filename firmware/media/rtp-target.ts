// Where audio may be sent: never to a group, a broadcast or "nowhere" address, whatever a session description says,
// so that a forged one cannot turn the box into a flood. Other checks need the routing table and belong to signalling.

import type { Endpoint } from '../../hal/network.js'

/** False for 0.0.0.0, multicast, 255.255.255.255, their IPv6 kin, and port 0. Allocates nothing. */
export const mayReceiveRtp = (to: Endpoint): boolean => {
  if (to.port < 1 || to.port > 65535) return false
  const address = to.address
  if (address.includes(':')) return address !== '::' && !/^ff/i.test(address)
  const first = Number.parseInt(address, 10)
  return first > 0 && first < 224
}
