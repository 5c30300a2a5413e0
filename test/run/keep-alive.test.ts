// When a watchdog is fed and when it is not, in virtual time; and with a real audio half that hangs.
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { startMediaWorker } from '../../board/media-link.js'
import { silentLog } from '../../firmware/log.js'
import { keepAlive } from '../../firmware/run/keep-alive.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import type { Watchdog } from '../../hal/watchdog.js'

const recorder = (intervalMs?: number): Watchdog & { readonly words: string[] } => {
  const words: string[] = []
  return {
    words,
    ...(intervalMs !== undefined && { intervalMs }),
    ready: () => words.push('ready'),
    feed: () => words.push('feed'),
    status: text => words.push(text),
    stopping: () => words.push('stopping'),
  }
}

t.test(
  'fed as often as the most impatient one wants, each time after the audio half has answered',
  async t => {
    const clock = new VirtualClock()
    const [systemd, device] = [recorder(2500), recorder(1000)]
    let asked = 0
    const alive = async (): Promise<void> => void asked++
    const fed = keepAlive({ clock, log: silentLog, watchdogs: [systemd, device], alive })
    await clock.advance(4500)
    t.equal(asked, 5, 'at once, then every second')
    t.strictSame(device.words, ['ready', ...Array(5).fill('feed')])
    t.strictSame(systemd.words, device.words)
    fed.status('tel1 registered')
    fed.status('tel1 registered')
    fed.stopping()
    fed.stopping()
    await clock.advance(10_000)
    t.strictSame(systemd.words.slice(6), ['tel1 registered', 'stopping'], 'the same is told once')
    t.strictSame(clock.pending(), [])
  },
)

t.test('an audio half that does not answer: nothing is fed until it does', async t => {
  const clock = new VirtualClock()
  const watchdog = recorder(1000)
  const errors: string[] = []
  let answer: (() => void) | undefined
  const fed = keepAlive({
    clock,
    log: { ...silentLog, error: message => errors.push(message) },
    watchdogs: [watchdog],
    alive: () =>
      new Promise(resolve => {
        answer = resolve
      }),
  })
  await clock.advance(3500)
  t.strictSame(watchdog.words, ['ready'])
  t.equal(errors.length, 3, 'said at every turn')
  answer?.()
  await clock.settle()
  t.strictSame(watchdog.words, ['ready', 'feed'])
  await clock.advance(1000)
  t.strictSame(watchdog.words, ['ready', 'feed'], 'asked again, and no answer again')
  answer?.()
  fed.stopping()
  await clock.settle()
  t.strictSame(watchdog.words, ['ready', 'feed', 'stopping'], 'no food behind the end')
})

t.test('an audio half that is gone is none that lives', async t => {
  const clock = new VirtualClock()
  const watchdog = recorder(1000)
  const alive = () => Promise.reject(new Error('gone'))
  const fed = keepAlive({ clock, log: silentLog, watchdogs: [watchdog], alive })
  await clock.advance(5000)
  t.strictSame(watchdog.words, ['ready'])
  fed.stopping()
})

t.test('where nobody wants to be fed, nothing runs', async t => {
  const clock = new VirtualClock()
  const systemd = recorder()
  keepAlive({ clock, log: silentLog, watchdogs: [systemd], alive: () => Promise.resolve() })
  t.strictSame(systemd.words, ['ready'])
  t.strictSame(clock.pending(), [])
})

t.test('a thread that hangs does not answer, and answers when it goes on', async t => {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const media = new URL('../../board/media-worker.js', import.meta.url).href
  const program = `
    import { parentPort } from 'node:worker_threads'
    await import(${JSON.stringify(media)})
    parentPort.on('message', ({ hang }) => hang && Atomics.wait(hang, 0, 0))`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
  const link = await startMediaWorker({ board: { kind: 'sim', lines: ['tel1'] }, realtime: false }, worker)
  const watchdog = recorder(20)
  const clock = new LinuxClock()
  const fed = keepAlive({ clock, log: silentLog, watchdogs: [watchdog], alive: () => link.alive() })
  const until = async (holds: () => boolean): Promise<boolean> => {
    for (let n = 0; n < 500 && !holds(); n++) await new Promise(resolve => setTimeout(resolve, 10))
    return holds()
  }
  t.ok(await until(() => watchdog.words.length > 3), 'fed while it lives')
  worker.postMessage({ hang: gate })
  // What was asked before it hung may still be answered.
  await new Promise(resolve => setTimeout(resolve, 100))
  const before = watchdog.words.length
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(watchdog.words.length, before, 'not fed while it hangs')
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  t.ok(await until(() => watchdog.words.length > before + 2), 'fed again')
  fed.stopping()
  await link.close()
})
