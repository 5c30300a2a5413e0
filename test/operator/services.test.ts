// Star codes and the numbers to try, as a telephone hears them.

import fc from 'fast-check'
import t from 'tap'
import { offer, openEar, operatorWorld } from '../support/operator-world.js'
import { readStarCode } from './applications/star-codes.js'
import { clips } from './clips.js'
import { initialProfile, type ProfilePatch } from './profiles.js'
import { spokenDigits, spokenPairs } from './spoken.js'

const one = '0389000001'
const number = '0612345678'

const line = async () => {
  const world = await operatorWorld()
  const phone = await world.phone(1)
  await world.wait(phone.register(3600))
  const seen = phone.answering(180, 200)
  const ear = await openEar(world.network, '127.0.0.11')
  return {
    ...world,
    phone,
    ear,
    /** What the operator began or ended, notices left out. */
    parted: () => seen.filter(({ request }) => request.method !== 'NOTIFY'),
    profile: () => world.operator.profiles.of(one),
    /** Calls, and hears all of it: status codes and audio. */
    dial: async (called: string, forMs = 20_000) => {
      ear.heard.length = 0
      const uri = `sip:${called}@operator.test`
      const call = phone.call(uri, offer('127.0.0.11', 4000))
      await world.clock.advance(forMs)
      const sound = Buffer.concat(ear.heard.map(({ payload }) => payload))
      return { call, statuses: call.heard.filter(status => status !== 100), sound }
    },
  }
}

/** Do these clips, and nothing else but a bit of silence at the end, make up the sound? */
const isSpoken = (sound: Buffer, names: readonly string[]): boolean => {
  const wanted = Buffer.concat(clips(names))
  return sound.subarray(0, wanted.length).equals(wanted) && sound.length - wanted.length < 160
}

t.test('each code of the guide is stored, confirmed by a spoken answer, and hung up', async t => {
  const { dial, profile, wait, operator, parted } = await line()
  const all: ProfilePatch = { forwardBusy: number, masking: true, ringSeconds: 40 }
  const codes: [string, Partial<ReturnType<typeof profile>>, string[]][] = [
    ['*21*0612345678', { forwardAlways: number }, ['calls-forwarded-to', ...spokenPairs(number)]],
    ['%2321%23', { forwardAlways: undefined }, ['calls-not-forwarded']],
    ['*23*0612345678%23', { forwardNoReply: number }, ['no-reply-forwarded-to', ...spokenPairs(number)]],
    ['#23#', { forwardNoReply: undefined }, ['no-reply-not-forwarded']],
    ['*75#', { voicemailAlways: true }, ['voicemail-always']],
    ['%2375', { voicemailAlways: false }, ['voicemail-not-always']],
    ['*93%23', { masking: true }, ['masked']],
    ['#93%23', { masking: false }, ['not-masked']],
    ['*95#', { ...initialProfile, ringSeconds: 40 }, ['services-off']],
  ]
  for (const [code, expected, words] of codes) {
    if (code === '*95#')
      await wait(operator.profiles.change(one, { ...all, forwardAlways: number }, 'portal'))
    const byes = parted().length
    const { statuses, sound } = await dial(code)
    t.same(statuses, [200], code)
    t.match(profile(), expected)
    t.ok(isSpoken(sound, words), `${code}: ${words.join(' ')}`)
    t.equal(parted().at(-1)?.request.method, 'BYE')
    t.equal(parted().length, byes + 1)
  }
})

t.test('what cannot be done is refused in words, and nothing is changed', async t => {
  const { dial, profile } = await line()
  for (const [code, phrase, status] of [
    ['*21*', 'number-missing', 484],
    ['*21%23', 'number-missing', 484],
    ['*23*061', 'number-wrong', 484],
    ['*21*0389000001', 'number-own', 403],
    ['*21*112', 'number-emergency', 403],
    ['*21**93', 'number-wrong', 484],
    ['*21*06123456789999', 'number-wrong', 484],
    ['*99#', 'code-unknown', 404],
    ['#', 'code-unknown', 404],
  ] as const) {
    const { statuses, sound } = await dial(code)
    t.same(statuses, [183, status], code)
    t.ok(isSpoken(sound, [phrase]), phrase)
  }
  t.same(profile(), initialProfile)
})

t.test('a code that the disk refuses is never confirmed', async t => {
  const { dial, profile, operator } = await line()
  await operator.database.write([
    "CREATE TRIGGER full BEFORE UPDATE ON profile BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  ])
  const { statuses, sound } = await dial('*75#')
  t.same(statuses, [183, 500])
  t.ok(isSpoken(sound, ['not-stored']))
  t.same(profile(), initialProfile)
})

t.test('a code from outside changes nobody’s services', async t => {
  const world = await operatorWorld({ gateway: { address: '127.0.0.14', port: 5060 } })
  const gateway = await world.phone(4)
  const forged = [['P-Asserted-Identity', `<sip:${one}@operator.test>`]] as const
  const call = gateway.call('*75#', offer('127.0.0.14', 4000), forged)
  await world.clock.advance(1000)
  t.same(call.heard, [403])
  t.equal(world.operator.profiles.of(one).voicemailAlways, false)
})

t.test('whatever is dialled, reading a code never throws and changes only what it names', async () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'*#0123456789+') }), dialled => {
      const code = readStarCode(dialled)
      if (code === undefined || code === 'missing') return true
      return dialled.startsWith('*95')
        ? Object.keys(code.patch).length === 5
        : Object.keys(code.patch).length === 1
    }),
  )
})

t.test('3105 reads the caller his number, digit by digit, twice', async t => {
  const { dial } = await line()
  const words = ['your-number-is', ...spokenDigits(one)]
  const { statuses, sound } = await dial('3105', 40_000)
  t.same(statuses, [200])
  t.ok(isSpoken(sound, [...words, ...words]))
})

t.test('3103 tells the time, and the pip is on the second', async t => {
  const { dial, ear, clock, network } = await line()
  let pipAt = 0
  const pip = Buffer.from(clips(['beep'])[0]!).subarray(320, 480)
  network.filter = data => {
    if (pipAt === 0 && Buffer.from(data).subarray(12).equals(pip)) pipAt = clock.wall()
    return 'pass'
  }
  await dial('3103', 15_000)
  // Its second packet is its third over again.
  t.ok(Math.abs((pipAt % 10_000) - 20) < 5, `${pipAt % 10_000} ms`)
  const wanted = Buffer.concat(clips(['it-will-be', 'n11', 'hours', 'n0', 'minute', 'and', 'n10', 'seconds']))
  const sound = Buffer.concat(ear.heard.map(({ payload }) => payload))
  t.ok(
    sound.subarray(0, wanted.length).equals(wanted),
    'eleven hours, no minute and ten seconds: winter in Paris',
  )
})

t.test('3102 plays music for as long as one listens', async t => {
  const { dial, wait, ear, operator, clock } = await line()
  const { call, sound } = await dial('3102', 25_000)
  const music = Buffer.from(clips(['music'])[0]!)
  t.ok(sound.subarray(0, music.length).equals(music))
  t.ok(sound.length > 2 * music.length, 'again and again')
  await wait(call.inside('BYE'))
  const heard = ear.heard.length
  await clock.advance(1000)
  t.equal(ear.heard.length, heard)
  t.equal(operator.serviceCalls, 0)
})

t.test('3104 calls back when one has hung up, and says so', async t => {
  const { dial, wait, clock, parted, ear } = await line()
  const { call, statuses } = await dial('3104', 5000)
  t.same(statuses, [200])
  await wait(call.inside('BYE'))
  const before = parted().length
  await clock.advance(2900)
  t.equal(parted().length, before)
  ear.heard.length = 0
  await clock.advance(200)
  t.equal(parted()[before]?.request.method, 'INVITE')
  t.match(parted()[before]?.request.headers.find(([name]) => name === 'From')?.[1], one)
})

t.test('emergency numbers are answered even where there is no gateway', async t => {
  const { dial } = await line()
  const { statuses, sound } = await dial('112')
  t.same(statuses, [200])
  t.ok(isSpoken(sound, ['emergency']))
})
