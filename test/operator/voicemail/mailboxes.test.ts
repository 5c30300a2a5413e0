// Mailboxes on disk, and the outbox that mails their messages.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { startMailServer } from '../../support/mail-server.js'
import { openDatabase } from '../database.js'
import { migrations } from '../migrations.js'
import { createMailOutbox } from './mail-outbox.js'
import { openMailboxes } from './mailboxes.js'
import { createSmtpMailer, type Mail, type Mailer, MailRefused } from './mailer.js'

const user = '0389000001'
const spoken = new Uint8Array(16_000).map((_, i) => i % 251)

const open = async (path = ':memory:', capacity?: number) => {
  const clock = new VirtualClock()
  const database = await openDatabase(path, clock, migrations)
  const entropy = new SeededEntropy(5)
  const boxes = await openMailboxes({
    database,
    clock,
    entropy,
    ...(capacity === undefined ? {} : { capacity }),
  })
  const leave = (from: string | undefined, mail = false) => boxes.add(user, { from, recording: spoken, mail })
  return { clock, database, boxes, leave }
}

t.test('a message is new until it is archived, and gone when erased', async t => {
  const { boxes, leave, clock, database } = await open()
  t.same(boxes.summary(user), { fresh: 0, archived: 0 })
  await leave('0389000002')
  await clock.advance(1000)
  await leave(undefined)
  const [one, two] = await boxes.messages(user)
  t.match(one, { isNew: true, from: '0389000002' })
  t.equal(two?.from, undefined)
  t.equal((two?.receivedAt ?? 0) - (one?.receivedAt ?? 0), 1000)
  await boxes.archive(user, one?.id as number)
  t.same(boxes.summary(user), { fresh: 1, archived: 1 })
  t.same(Buffer.from((await boxes.recording(user, two?.id as number)) ?? []), Buffer.from(spoken))
  await boxes.erase(user, two?.id as number)
  t.same(boxes.summary(user), { fresh: 0, archived: 1 })
  t.equal(await boxes.recording(user, two?.id as number), undefined)
  await database.close()
})

t.test('nobody reads or erases in the box of another', async t => {
  const { boxes, leave, database } = await open()
  await leave('0389000002')
  const id = (await boxes.messages(user))[0]?.id as number
  await boxes.erase('0389000002', id)
  await boxes.archive('0389000002', id)
  t.equal(await boxes.recording('0389000002', id), undefined)
  t.same(boxes.summary(user), { fresh: 1, archived: 0 })
  await database.close()
})

t.test('the last place of a box is given once, also to callers at the same time', async t => {
  const { boxes, leave, database } = await open(':memory:', 2)
  const kept = await Promise.all([leave('1'), leave('2'), leave('3'), leave('4')])
  t.equal(kept.filter(Boolean).length, 2)
  t.equal(boxes.isFull(user), true)
  await boxes.erase(user, (await boxes.messages(user))[0]?.id as number)
  t.equal(boxes.isFull(user), false)
  t.equal(await leave('5'), true)
  await database.close()
})

t.test('messages, greeting and password outlive the operator', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'mailboxes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'operator.db')
  const before = await open(path)
  await before.leave('0389000002')
  await before.boxes.setGreeting(user, spoken)
  await before.boxes.setPassword(user, '4711')
  // Read through a second connection while the first is still open: it is in the file, not in a memory.
  const after = await open(path)
  t.same(after.boxes.summary(user), { fresh: 1, archived: 0 })
  t.same(Buffer.from((await after.boxes.greeting(user)) ?? []), Buffer.from(spoken))
  t.equal(await after.boxes.checkPassword(user, '4711'), 'right')
  await after.boxes.setGreeting(user, undefined)
  t.equal(await before.boxes.greeting(user), undefined)
  await before.database.close()
  await after.database.close()
})

t.test('five wrong passwords lock the access for 15 minutes, whoever asks', async t => {
  const { boxes, clock, database } = await open()
  t.equal(await boxes.hasPassword(user), false)
  t.equal(await boxes.checkPassword(user, ''), 'wrong', 'without a password nothing opens')
  await boxes.setPassword(user, '4711')
  t.equal(await boxes.hasPassword(user), true)
  for (let i = 0; i < 4; i++) t.equal(await boxes.checkPassword(user, '0000'), 'wrong')
  t.equal(await boxes.checkPassword(user, '4711'), 'right', 'a right one forgives')
  await Promise.all(Array.from({ length: 5 }, () => boxes.checkPassword(user, '0000')))
  t.equal(await boxes.checkPassword(user, '4711'), 'locked')
  await clock.advance(15 * 60_000 - 1000)
  t.equal(await boxes.checkPassword(user, '4711'), 'locked')
  await clock.advance(2000)
  t.equal(await boxes.checkPassword(user, '4711'), 'right')
  const [row] = await database.all('SELECT password FROM mailbox')
  t.notMatch(row?.['password'], '4711', 'it is not kept in clear')
  await database.close()
})

t.test('who listens is told of each change', async t => {
  const { boxes, leave, database } = await open(':memory:', 1)
  const told: string[] = []
  boxes.onChange(whose => told.push(whose))
  await leave('1')
  await leave('2')
  t.equal(told.length, 1, 'nothing changed when the box was full')
  await boxes.archive(user, 1)
  await boxes.erase(user, 1)
  t.same(told, [user, user, user])
  await database.close()
})

/** A mail server that answers as told, in virtual time. */
const scripted = () => {
  const sent: Mail[] = []
  const mailer: Mailer & { fails: Error | undefined } = {
    fails: undefined,
    send: async mail => {
      if (mailer.fails !== undefined) throw mailer.fails
      sent.push(mail)
    },
    close: () => {},
  }
  return { sent, mailer }
}

const withOutbox = async (path?: string) => {
  const world = await open(path)
  const { sent, mailer } = scripted()
  const failures: Error[] = []
  const addresses: Record<string, string> = { [user]: 'a@operator.test' }
  const outbox = createMailOutbox({
    ...world,
    mailer,
    addressOf: who => addresses[who] as string,
    timeZone: 'Europe/Paris',
    onFailure: error => failures.push(error),
  })
  world.boxes.onChange(() => outbox.look())
  return { ...world, sent, mailer, outbox, addresses, failures }
}

t.test('a message goes out by mail once, and only when that is wanted (guide line 11)', async t => {
  const { leave, clock, sent, outbox, database } = await withOutbox()
  await leave('0389000002', false)
  await leave('0389000003', true)
  await clock.advance(100)
  outbox.look()
  await clock.advance(3 * 86_400_000)
  t.equal(sent.length, 1)
  t.match(sent[0], { to: 'a@operator.test' })
  t.match(sent[0]?.subject, /03 89 00 00 03/)
  await outbox.close()
  await database.close()
})

t.test('while the mail server is away the message waits; an address changed meanwhile counts', async t => {
  const { leave, clock, sent, mailer, outbox, addresses, failures, database } = await withOutbox()
  mailer.fails = new Error('connection refused')
  await leave('0389000002', true)
  await clock.advance(10 * 60_000)
  t.equal(sent.length, 0)
  addresses[user] = 'b@operator.test'
  mailer.fails = undefined
  await clock.advance(20 * 60_000)
  t.same(
    sent.map(({ to }) => to),
    ['b@operator.test'],
  )
  t.equal(failures.length, 0)
  await outbox.close()
  await database.close()
})

t.test('mail nobody takes is given up: at once when refused for good, else after two days', async t => {
  const { leave, clock, sent, mailer, outbox, failures, boxes, database } = await withOutbox()
  mailer.fails = new MailRefused('no such mailbox')
  await leave('0389000002', true)
  await clock.advance(1000)
  t.equal(failures.length, 1)
  mailer.fails = new Error('away')
  await leave('0389000002', true)
  await clock.advance(86_400_000)
  t.equal(failures.length, 1, 'still trying')
  await clock.advance(2 * 86_400_000)
  t.equal(failures.length, 2)
  t.equal(sent.length, 0)
  t.same(boxes.summary(user), { fresh: 2, archived: 0 }, 'the messages are there all the same')
  await outbox.close()
  await database.close()
})

t.test('what was still to be mailed is mailed after a restart', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'mailboxes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'operator.db')
  const before = await withOutbox(path)
  before.mailer.fails = new Error('away')
  await before.leave('0389000002', true)
  await before.clock.advance(100)
  await before.outbox.close()
  await before.database.close()
  const after = await withOutbox(path)
  after.outbox.look()
  await after.clock.advance(2 * 60_000)
  t.equal(after.sent.length, 1)
  await after.outbox.close()
  await after.database.close()
})

t.test('through a real mail server, the clock standing still meanwhile', async t => {
  const server = await startMailServer()
  t.teardown(() => server.close())
  const world = await open()
  const mailer = createSmtpMailer(server.endpoint, 'messagerie@operator.test')
  const outbox = createMailOutbox({ ...world, mailer, addressOf: () => 'a@b.test', timeZone: 'Europe/Paris' })
  world.boxes.onChange(() => outbox.look())
  await world.leave('0389000002', true)
  const before = world.clock.now()
  await world.clock.advance(1)
  await outbox.close()
  t.equal(world.clock.now() - before, 1000)
  t.equal(server.mails.length, 1)
  await world.database.close()
})
