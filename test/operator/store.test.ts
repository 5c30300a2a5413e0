// The operator's database: profiles that survive a restart and are never changed without being stored, and the journal.

import { join } from 'node:path'
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createCallJournal } from './call-journal.js'
import { openDatabase } from './database.js'
import { migrations } from './migrations.js'
import { initialProfile, openProfiles, type ProfileChange, ProfileError, resetPatch } from './profiles.js'

const clock = new LinuxClock()
const [one, two] = ['0389000001', '0389000002']

const opened = async (path = ':memory:') => {
  const database = await openDatabase(path, clock, migrations)
  return { database, profiles: await openProfiles({ database, clock, users: [one, two] }) }
}

const faultOf = (change: Promise<unknown>): Promise<string> =>
  change.then(
    () => 'stored',
    error => (error instanceof ProfileError ? error.fault : String(error)),
  )

t.test(
  'a new subscriber has the initial state of the guide: 20 s, nothing forwarded, number shown',
  async t => {
    const { profiles } = await opened()
    t.same(profiles.of(one), initialProfile)
    t.equal(profiles.of(one).ringSeconds, 20)
    t.throws(() => profiles.of('0389000009'), new ProfileError('no-subscriber', undefined))
  },
)

t.test('what was stored is there after a restart, with who changed it', async t => {
  const path = join(t.testdir(), 'operator.db')
  const first = await opened(path)
  await first.profiles.change(one, { forwardNoReply: '0612345678', ringSeconds: 40 }, 'portal')
  await first.database.close()
  const again = await opened(path)
  t.match(again.profiles.of(one), { forwardNoReply: '0612345678', ringSeconds: 40 })
  t.same(again.profiles.of(two), initialProfile)
  t.match(
    await again.database.all('SELECT author, field, before, after FROM profile_change ORDER BY field'),
    [
      { author: 'portal', field: 'forwardNoReply', before: null, after: '0612345678' },
      { author: 'portal', field: 'ringSeconds', before: '20', after: '40' },
    ],
  )
  await again.database.close()
})

t.test('of the two unconditional diversions the last one set holds', async t => {
  const { profiles } = await opened()
  await profiles.change(one, { forwardAlways: '0612345678' }, 'star-code')
  await profiles.change(one, { voicemailAlways: true }, 'star-code')
  t.match(profiles.of(one), { forwardAlways: undefined, voicemailAlways: true })
  await profiles.change(one, { forwardAlways: '0612345679' }, 'star-code')
  t.match(profiles.of(one), { forwardAlways: '0612345679', voicemailAlways: false })
})

t.test(
  'the reset takes back services, not the mail address, and tells even when nothing changed',
  async t => {
    const { profiles } = await opened()
    const told: ProfileChange[] = []
    await profiles.change(
      one,
      {
        forwardAlways: '0612345678',
        forwardNoReply: '0612345678',
        forwardBusy: '0612345678',
        ringSeconds: 60,
        masking: true,
        mailAddress: 'a.b@operator.test',
      },
      'portal',
    )
    profiles.onChange(change => told.push(change))
    await profiles.change(one, resetPatch, 'portal')
    t.same(profiles.of(one), { ...initialProfile, mailAddress: 'a.b@operator.test' })
    await profiles.change(one, resetPatch, 'portal')
    t.equal(told.length, 2)
    t.equal(told[1]!.revision, told[0]!.revision + 1)
  },
)

t.test('a wrong value is refused and nothing is stored', async t => {
  const { profiles, database } = await opened()
  const wrong = [
    [{ forwardAlways: 'abc' }, 'not-a-number'],
    [{ forwardAlways: '' }, 'not-a-number'],
    [{ forwardNoReply: one }, 'own-number'],
    [{ forwardBusy: '112' }, 'emergency-number'],
    [{ ringSeconds: 15 }, 'ring-seconds'],
    [{ ringSeconds: 61 }, 'ring-seconds'],
    [{ ringSeconds: 22 }, 'ring-seconds'],
    [{ ringSeconds: Number.NaN }, 'ring-seconds'],
    [{ mailAddress: 'nobody' }, 'mail-address'],
    [{ mailAddress: 'a@b.c\nBcc: d@e.f' }, 'mail-address'],
    [{ forwardAlways: '0612345678', voicemailAlways: true }, 'both-unconditional'],
  ] as const
  for (const [patch, fault] of wrong)
    t.equal(await faultOf(profiles.change(one, { forwardBusy: '0612345678', ...patch }, 'portal')), fault)
  t.same(profiles.of(one), initialProfile)
  t.same(await database.all('SELECT * FROM profile_change'), [])
  t.equal(await faultOf(profiles.change('1', {}, 'portal')), 'no-subscriber')
})

t.test('what the disk refuses is not believed', async t => {
  const { profiles, database } = await opened()
  await database.close()
  const told: ProfileChange[] = []
  profiles.onChange(change => told.push(change))
  await t.rejects(profiles.change(one, { ringSeconds: 40 }, 'portal'))
  t.equal(profiles.of(one).ringSeconds, 20)
  t.same(told, [])
})

t.test('a bad statement takes no other writer’s work with it; a newer schema is left alone', async t => {
  const path = join(t.testdir(), 'operator.db')
  const { database, profiles } = await opened(path)
  const results = await Promise.allSettled([
    database.write(['UPDATE profile SET ring_seconds = 25 WHERE user = ?', [one]]),
    database.write(['UPDATE profile SET masking = 1'], ['NONSENSE']),
    database.write(['UPDATE profile SET ring_seconds = 30 WHERE user = ?', [two]]),
    profiles.change(one, { masking: true }, 'portal'),
  ])
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  t.same(await database.all('SELECT ring_seconds, masking FROM profile ORDER BY user'), [
    { ring_seconds: 25, masking: 1 },
    { ring_seconds: 30, masking: 0 },
  ])
  await database.write(['PRAGMA user_version = 99'])
  await database.close()
  await t.rejects(opened(path), /newer/)
})

t.test('the journal keeps who called whom, when, how long and why it ended', async t => {
  const { database } = await opened()
  const journal = createCallJournal({ database, clock, entropy: new SeededEntropy(1) })
  const call = journal.begin({ payer: one, caller: one, called: two })
  call.answered()
  call.ended('answered')
  call.ended('busy')
  const leg = journal.begin({ payer: two, caller: one, called: '0612345678', forwardedBy: two })
  leg.ended('busy')
  await journal.settled()
  const during = { from: clock.wall() - 10_000, until: clock.wall() + 10_000 }
  const [mine] = await journal.calls({ payer: one, ...during })
  t.match(mine, { caller: one, called: two, reason: 'answered' })
  t.ok(mine!.start <= mine!.answer! && mine!.answer! <= mine!.end!)
  t.match(await journal.calls({ payer: two, ...during }), [
    { called: '0612345678', forwardedBy: two, answer: undefined, reason: 'busy' },
  ])
  t.same(await journal.calls({ payer: one, from: 0, until: during.from }), [])
})
