// restart at the console, while somebody telephones.
import t from 'tap'
import type { CallFacts, LineFacts } from '../../firmware/console/console-box.js'
import { type FakeBox, fakeBox } from './fake-box.js'
import { consoleRig, enableSecret } from './terminal.js'

const boxWith = (situation: string, calls: readonly CallFacts[]): FakeBox => {
  const line = (id: string, now: string): LineFacts => ({
    line: id,
    proxies: [],
    registration: 'registered',
    situation: now,
  })
  return fakeBox({
    lines: async () => [line('tel1', 'idle'), line('tel2', situation)],
    calls: async () => calls,
  })
}
const call: CallFacts = { line: 'tel2', direction: 'out', state: 'answered', party: '112' }

const enabled = async (box: FakeBox) => {
  const terminal = await consoleRig({ box }).loggedIn()
  await terminal.type(`enable\r${enableSecret}\r`)
  terminal.news()
  return terminal
}

t.test('an emergency call is not cut, whatever is typed', async t => {
  const box = boxWith('emergency', [call])
  const terminal = await enabled(box)
  await terminal.type('restart\r')
  t.match(terminal.news(), '% An emergency call stands on tel2: restart when it is over')
  await terminal.type('terminal language fr\rrestart now\r')
  t.match(terminal.news(), "% Appel d'urgence en cours sur tel2")
  await terminal.type('mode hil\r{"id":1,"do":"restart now"}\n')
  t.match(terminal.news(), /"id":1,"ok":false,"error":"VP-7504".*\r\nERR VP-7504\r\n$/s)
  t.equal(box.restarts, 0)
})

t.test('other calls end after a second word only', async t => {
  const box = boxWith('active', [call])
  const terminal = await enabled(box)
  await terminal.type('restart\r')
  t.match(terminal.news(), '% Calls that would end: 1. To restart all the same: restart now')
  await terminal.type('mode hil\r{"id":1,"do":"restart"}\n')
  t.match(terminal.news(), /"error":"VP-7504"/)
  t.equal(box.restarts, 0)
  await terminal.type('{"id":2,"do":"restart now"}\n')
  t.match(terminal.news(), /"id":2,"ok":true/)
  t.equal(box.restarts, 1)
})

t.test('where nobody telephones one word is enough', async t => {
  const box = boxWith('idle', [])
  const terminal = await enabled(box)
  await terminal.type('restart\r')
  t.match(terminal.news(), 'The box restarts; calls end.')
  t.equal(box.restarts, 1)
})
