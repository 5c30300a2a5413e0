// Addresses of this machine's loopback that nobody speaks SIP on, so that several benches can run beside each other and a
// SIP server of the machine is not in the way.

import { createSocket } from 'node:dgram'

const houses = 16

/** The first three parts of such addresses below `network` ("127.60"). Rejects with a message for people. */
export const freeHouse = async (network: string): Promise<string> => {
  for (let n = 0; n < houses; n++) if (await isFree(`${network}.${n}.1`)) return `${network}.${n}`
  throw new Error(`${houses} run already, or UDP port 5060 cannot be had on ${network}.0.1`)
}

const isFree = (address: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind(5060, address, () => socket.close(() => resolve(true)))
  })
