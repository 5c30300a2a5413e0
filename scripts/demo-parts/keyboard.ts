// The demo by hand: keys of the terminal become what a finger does on the telephone.

import type { BenchRequest } from '../../test/bench/bench-client.js'
import { screen } from './screen.js'
import type { World } from './world.js'

/** Resolves when the person leaves. */
export const playByHand = (world: World): Promise<void> =>
  new Promise(resolve => {
    let chosen = 0
    let pressed = ''
    let last = 'Both telephones are on hook.'
    const draw = () => {
      process.stdout.write(`\x1b[H\x1b[2J${screen(world.telephones, chosen, pressed, last)}`)
    }
    const act = (request: BenchRequest, saying: string) => {
      const line = world.telephones[chosen]?.line ?? ''
      last = `${line}: ${saying}`
      world.bench.request({ ...request, line }).then(
        reply => {
          if (!reply.ok) {
            last = `${line}: ${reply.message}`
            draw()
          }
        },
        () => undefined,
      )
      draw()
    }
    const onKey = (bytes: Buffer) => {
      for (const key of bytes.toString()) {
        const telephone = world.telephones[chosen]
        if (!telephone) return
        if (key === 'q' || key === '\x03' || key === '\x04') {
          process.stdin.off('data', onKey)
          process.stdin.setRawMode(false)
          process.stdin.pause()
          process.stdout.write('\x1b[H\x1b[2J')
          resolve()
          return
        }
        if (key === '\t') {
          chosen = (chosen + 1) % world.telephones.length
          pressed = ''
          last = `Now at ${world.telephones[chosen]?.line}.`
          draw()
        } else if (key === 'h') {
          pressed = ''
          if (telephone.offHook) act({ do: 'onhook' }, 'hung up.')
          else act({ do: 'offhook' }, 'lifted.')
        } else if (key === 'r') act({ do: 'flash' }, 'R.')
        else if (/[0-9*#]/.test(key)) {
          pressed += key
          act({ do: 'dtmf', digits: key }, `key ${key}.`)
        }
      }
    }
    world.onChange(draw)
    process.stdin.setRawMode(true)
    process.stdin.resume()
    process.stdin.on('data', onKey)
    draw()
  })
