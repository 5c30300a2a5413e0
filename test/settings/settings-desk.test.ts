// Settings that change while the box runs: checked alone and together, in effect at once, undone by themselves unless confirmed.
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { VoiceportError } from '../../firmware/errors.js'
import type { Outcome } from '../../firmware/settings/desk-contract.js'
import { tr104Names } from '../../firmware/settings/tr104.js'
import { configText, deskRig, fakeStore } from './desk-rig.js'

const proxies = 'line.tel1.account.proxies'
const mistakesOf = (outcome: Outcome): string =>
  'mistakes' in outcome ? outcome.mistakes.map(({ en }) => en).join(', ') : 'none'
const changedKeys = (outcome: object): readonly string[] =>
  'changed' in outcome ? (outcome.changed as { key: string }[]).map(({ key }) => key) : ['mistake']

t.test('a value out of its range is refused with the range, and nothing is laid aside', async t => {
  const { desk } = deskRig(t.teardown)
  for (const [key, text, said] of [
    ['sip.dscp', '64', 'sip.dscp = 64: must be a whole number from 0 to 63'],
    ['sip.dscp', 'twelve', 'sip.dscp = twelve: must be a whole number from 0 to 63'],
    ['line.tel1.callWaiting', 'maybe', 'line.tel1.callWaiting = maybe: must be true or false'],
    ['log.level', 'loud', 'log.level = loud: must be "debug", "info", "warn", "error"'],
    [proxies, 'sip:a@b', /must be a SIP URI|must be a list/],
    ['media.ports', '16385 16390', /must be a pair/],
    ['line.tel3.callWaiting', 'true', 'there is no setting "line.tel3.callWaiting"'],
    ['board', 'sim', 'board can be changed in the configuration file only'],
    ['store.path', '/tmp/x', 'store.path can be changed in the configuration file only'],
    ['line.tel1.id', 'tel2', 'line.tel1.id can be changed in the configuration file only'],
    [
      'console.enableSecretFile',
      'x',
      'console.enableSecretFile can be changed in the configuration file only',
    ],
  ] as const)
    t.match(mistakesOf(await desk.stage(key, text)), said)
  t.same(desk.staged(), [])
})

t.test('laid aside, nothing changes; committed, everything does at once, and back', async t => {
  const { desk, applied, store } = deskRig(t.teardown)
  await desk.stage(proxies, 'sip:192.0.2.9:5060 sip:192.0.2.10')
  await desk.stage('line.tel2.callWaiting', 'off')
  t.same(desk.staged(), [
    { key: proxies, before: undefined, after: '["sip:192.0.2.9:5060","sip:192.0.2.10"]', restart: false },
    { key: 'line.tel2.callWaiting', before: undefined, after: 'false', restart: false },
  ])
  t.equal(applied.length, 0)
  t.same(changedKeys(await desk.commit('console')), [proxies, 'line.tel2.callWaiting'])
  t.equal(applied.length, 1)
  t.same(applied[0]?.config.line[0]?.account?.proxies, ['sip:192.0.2.9:5060', 'sip:192.0.2.10'])
  t.equal(applied[0]?.config.line[1]?.callWaiting, false)
  t.same(desk.staged(), [])
  t.same(store.journalled, [
    { by: 'console', key: proxies },
    { by: 'console', key: 'line.tel2.callWaiting' },
  ])
  t.match(mistakesOf(await desk.commit('console')), 'nothing is to be committed')

  await desk.stage(proxies, undefined)
  await desk.commit('console')
  t.same(applied[1]?.config.line[0]?.account?.proxies, ['sip:192.0.2.1:5060;transport=udp'])
  t.match(mistakesOf(await desk.stage(proxies, undefined)), 'has no value but that of the configuration file')
})

t.test('what does not fit together is refused as a whole, and can be completed', async t => {
  const { desk, applied, store } = deskRig(t.teardown)
  await desk.stage('line.tel2.account.user', '0389000002')
  t.match(mistakesOf(await desk.commit('console')), /line\.tel2\.account\.domain is missing/)
  t.equal(applied.length, 0)
  t.equal(store.overrides().size, 0)
  await desk.stage('line.tel2.account.domain', 'operator.test')
  await desk.stage('line.tel2.account.password', 'typed-canary-1234')
  t.same(changedKeys(await desk.commit('console')).length, 3)
  t.match(applied[0]?.config.line[1]?.account, { user: '0389000002', password: 'typed-canary-1234' })
})

t.test('a secret is kept apart, never shown, and taken away when nothing needs it', async t => {
  const { desk, store, secrets, logged, applied } = deskRig(t.teardown)
  const key = 'line.tel1.account.password'
  await desk.stage(key, 'first-canary-4711')
  await desk.stage(key, 'typed-canary-4711')
  t.same(desk.staged(), [{ key, before: undefined, after: '(set)', restart: false }])
  await desk.commit('console')
  t.equal(applied[0]?.config.line[0]?.account?.password, 'typed-canary-4711')
  t.same([...secrets.values()], ['typed-canary-4711'], 'the one nobody used is gone')
  t.notMatch(JSON.stringify([...store.overrides()]), /canary/)
  t.notMatch(desk.exported().join('\n') + logged.join('\n') + JSON.stringify(desk.staged()), /canary/)
  t.match(
    desk.exported().join('\n'),
    /^! line\.tel1\.account\.password is kept in the box; a secret is not exported$/m,
  )
  await desk.stage(key, undefined)
  await desk.commit('console')
  t.equal(applied[1]?.config.line[0]?.account?.password, 'file-canary-4711')
  t.equal(secrets.size, 0)
  t.notMatch(mistakesOf(await desk.stage(key, 'x'.repeat(257))), /xx/)
  const root = await desk.stage('line.tel1.xcap.root', 'https://user:url-canary@xcap.test/')
  t.equal(mistakesOf(root), 'line.tel1.xcap.root: must hold no password; there are keys and files for those')
})

t.test('of a password and the file that holds one, the one set last counts', async t => {
  const { desk, applied, file, store } = deskRig(t.teardown)
  const key = 'line.tel1.account.password'
  const held = `${file}-held`
  writeFileSync(held, 'held-canary-1\n', { mode: 0o600 })
  const counts = () => [applied.at(-1)?.config.line[0]?.account?.password, [...store.overrides().keys()]]
  await desk.change({ [key]: 'typed-canary-1' }, 'network')
  t.same(changedKeys(await desk.stage(`${key}File`, held)), [`${key}File`, key])
  await desk.commit('console')
  t.same(counts(), ['held-canary-1', [`${key}File`]])
  t.same(changedKeys(await desk.change({ [key]: 'typed-canary-2' }, 'network')), [key, `${key}File`])
  t.same(counts(), ['typed-canary-2', [key]])
  await desk.import([`set ${key}File ${held}`])
  await desk.stage(key, 'typed-canary-3')
  await desk.commit('console')
  t.same(counts(), ['typed-canary-3', [key]])
  await desk.importNow([`set ${key}File ${held}`], 'network')
  t.same(counts(), ['held-canary-1', [`${key}File`]])
})

t.test('a commit that nobody confirms undoes itself, to the second', async t => {
  const { desk, clock, applied, store } = deskRig(t.teardown)
  await desk.stage('line.tel1.callWaiting', 'false')
  await desk.commit('console', 60)
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, false)
  t.equal(desk.secondsLeft(), 60)
  await clock.advance(59_999)
  t.equal(applied.length, 1)
  t.equal(desk.secondsLeft(), 1)
  await clock.advance(1)
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, true)
  t.equal(desk.secondsLeft(), undefined)
  t.equal(store.overrides().size, 0)
  t.same(
    store.journalled.map(({ by }) => by),
    ['console', 'box'],
  )
  t.match(mistakesOf(await desk.confirm()), 'nothing waits')
  t.same(clock.pending(), [])
})

t.test('confirmed, it stays', async t => {
  const { desk, clock, applied } = deskRig(t.teardown)
  await desk.stage('line.tel1.callWaiting', 'false')
  await desk.commit('console', 60)
  await desk.stage('sip.dscp', '10')
  t.match(mistakesOf(await desk.commit('console')), /waits to be confirmed/)
  t.match(mistakesOf(await desk.change({ 'sip.dscp': 10 }, 'network')), /waits to be confirmed/)
  await clock.advance(30_000)
  t.same(changedKeys(await desk.confirm()), ['line.tel1.callWaiting'])
  await clock.advance(3_600_000)
  t.equal(applied.length, 1)
  t.equal(desk.overrides().get('line.tel1.callWaiting'), false)
  t.same(clock.pending(), [])
})

t.test('rollback undoes it at once, and drops what is laid aside', async t => {
  const { desk, clock, applied } = deskRig(t.teardown)
  t.match(mistakesOf(await desk.rollBack('console')), 'nothing to be undone')
  await desk.stage('line.tel1.callWaiting', 'false')
  t.same(changedKeys(await desk.rollBack('console')), ['line.tel1.callWaiting'])
  t.same(desk.staged(), [])
  await desk.stage('line.tel1.callWaiting', 'false')
  await desk.commit('console', 60)
  await desk.rollBack('console')
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, true)
  t.same(clock.pending(), [])
})

t.test('what counts after a restart only cannot be on probation before one', async t => {
  const { desk, applied } = deskRig(t.teardown)
  await desk.stage('sip.dscp', '10')
  t.match(mistakesOf(await desk.commit('console', 60)), /counts after one only: sip\.dscp/)
  t.equal(applied.length, 0)
  const outcome = await desk.commit('console')
  t.match(outcome, { changed: [{ key: 'sip.dscp', restart: true }] })
})

t.test('undone also where the file is broken meanwhile, or the disk', async t => {
  const broken = deskRig(t.teardown)
  await broken.desk.stage('line.tel1.callWaiting', 'false')
  await broken.desk.commit('console', 60)
  writeFileSync(broken.file, 'board = ')
  await broken.clock.advance(60_000)
  t.equal(broken.applied.at(-1)?.config.line[0]?.callWaiting, true)

  const full = deskRig(t.teardown)
  await full.desk.stage('line.tel1.callWaiting', 'false')
  await full.desk.commit('console', 60)
  full.store.failing = true
  await full.clock.advance(60_000)
  t.equal(full.applied.at(-1)?.config.line[0]?.callWaiting, true)
  t.match(full.logged.join('\n'), /error that they are undone cannot be stored/)
  t.match(mistakesOf(await full.desk.confirm()), 'nothing waits', 'what is undone cannot be confirmed')
  await full.desk.rollBack('console')
  t.equal(full.store.unconfirmed().size, 0)
})

t.test('undone at once, however long the disk takes', async t => {
  const slow = fakeStore()
  let done = (): void => {}
  const disk = new Promise<void>(resolve => {
    done = resolve
  })
  const { rollBack } = slow
  const store = Object.assign(slow, {
    rollBack: async (by: Parameters<typeof rollBack>[0]) => {
      await Promise.all([rollBack(by), disk])
    },
  })
  const { desk, clock, applied, settle } = deskRig(t.teardown, { store })
  await desk.stage('line.tel1.callWaiting', 'false')
  await desk.commit('console', 60)
  await clock.advance(60_000)
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, true)
  done()
  await settle()
  t.match(mistakesOf(await desk.rollBack('console')), 'nothing to be undone')
})

t.test('a file that is read again while a change is being stored counts too', async t => {
  const store = fakeStore()
  const setOverrides = store.setOverrides.bind(store)
  const rig = deskRig(t.teardown, { store })
  store.setOverrides = async (...change) => {
    writeFileSync(rig.file, configText.replace('[[line]]\nid = "tel2"', '[[line]]\nid = "tel2"\nmwi = "off"'))
    t.same(rig.desk.reload(), [])
    await setOverrides(...change)
  }
  t.equal(mistakesOf(await rig.desk.change({ 'line.tel1.callWaiting': false }, 'network')), 'none')
  t.match(rig.applied.at(-1)?.config.line, [{ callWaiting: false }, { mwi: 'off' }])
})

t.test('a store that refuses changes nothing, in its own words', async t => {
  const store = fakeStore()
  const { desk, applied } = deskRig(t.teardown, {
    store: Object.assign(store, {
      setOverrides: () => Promise.reject(new VoiceportError('VP-5005', 'disk full')),
    }),
  })
  await desk.stage('line.tel1.callWaiting', 'false')
  t.equal(mistakesOf(await desk.commit('console')), 'disk full (VP-5005)')
  t.equal(applied.length, 0)
  t.equal(desk.staged().length, 1, 'still laid aside')
})

t.test('an import changes nothing unless every line of it is right', async t => {
  const { desk, store, applied } = deskRig(t.teardown)
  const wrong = await desk.import([
    '! a remark',
    'set line.tel1.callWaiting false',
    'set sip.dscp 99',
    'set nothing 1',
    'reboot',
  ])
  t.match(
    mistakesOf(wrong),
    /^line 3: sip\.dscp = 99.*line 4: there is no setting "nothing".*line 5: neither/,
  )
  t.match(
    mistakesOf(await desk.import(['set line.tel2.account.user 1', 'set line.tel2.masking.owner both'])),
    /line\.tel2\.account\.domain is missing.*line\.tel2\.masking = .*must not have the owner/,
    'what does not go together is told as a whole too',
  )
  t.same(desk.staged(), [])
  t.equal(store.overrides().size + applied.length, 0)
  await desk.import(['', 'set line.tel1.callWaiting false', 'set line.tel1.unverifiedMark "? "', '! end'])
  t.equal(desk.staged().length, 2)
  await desk.commit('console')
  t.equal(applied[0]?.config.line[0]?.unverifiedMark, '? ')
})

t.test('what is exported is what is imported', async t => {
  const values: Readonly<Record<string, readonly unknown[]>> = {
    'line.tel1.callWaiting': [true, false],
    'line.tel1.unverifiedMark': ['', '?', ' x', '"x"', '"', 'a b', '!'],
    'line.tel2.codes.okFinals': [[], [480], [480, 603]],
    'line.tel1.account.proxies': [[], ['sip:192.0.2.7'], ['sip:192.0.2.7;transport=tcp', 'sip:b.test']],
    'sip.dscp': [0, 63],
    'media.ports': [[20_000, 20_099]],
    'log.level': ['debug', 'warn'],
    profile: ['de', 'fr'],
    timezone: ['Europe/Berlin'],
  }
  const some = fc.record(
    Object.fromEntries(Object.entries(values).map(([key, all]) => [key, fc.constantFrom(...all)])),
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(some, async wanted => {
      const from = deskRig(t.teardown)
      t.equal(mistakesOf(await from.desk.change(wanted, 'network')), 'none')
      const to = deskRig(t.teardown)
      t.equal(mistakesOf(await to.desk.import(from.desk.exported())), 'none')
      if (Object.keys(wanted).length > 0) await to.desk.commit('console')
      t.same(new Map([...to.desk.overrides()].sort()), new Map([...from.desk.overrides()].sort()))
    }),
    { numRuns: 15 },
  )
})

t.test('whatever is done in whatever order, what nobody confirmed is never left', async t => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('set'), value: fc.boolean() }),
    fc.record({ do: fc.constantFrom('unset', 'commit', 'trial', 'confirm', 'rollback', 'fail') }),
    fc.record({ do: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 40 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 14 }), async acts => {
      const { desk, clock, store, applied } = deskRig(t.teardown)
      const key = 'line.tel1.callWaiting'
      /** What was last confirmed, or committed without a condition. */
      let sure: boolean | undefined
      for (const one of acts) {
        const stood = desk.overrides().get(key) as boolean | undefined
        const trial = desk.secondsLeft() !== undefined
        const outcome = await (async () => {
          switch (one.do) {
            case 'set':
              return desk.stage(key, String((one as { value: boolean }).value))
            case 'unset':
              return desk.stage(key, undefined)
            case 'commit':
              return desk.commit('console')
            case 'trial':
              return desk.commit('console', 30)
            case 'confirm':
              return desk.confirm()
            case 'rollback':
              return desk.rollBack('console')
            case 'fail':
              store.failing = true
              return { mistakes: [] }
            default:
              await clock.advance((one as { seconds: number }).seconds * 1000)
              return { mistakes: [] }
          }
        })().catch(() => ({ mistakes: ['the disk is gone'] }))
        if ('mistakes' in outcome) continue
        if (one.do === 'commit') sure = desk.overrides().get(key) as boolean | undefined
        if (one.do === 'confirm' && trial) sure = stood
      }
      store.failing = false
      await clock.advance(31_000)
      t.equal(desk.secondsLeft(), undefined)
      t.equal(desk.overrides().get(key), sure)
      t.equal(applied.at(-1)?.config.line[0]?.callWaiting ?? true, sure ?? true)
    }),
    { numRuns: 60 },
  )
})

t.test(
  'a line taken out of the file takes nothing else with it; it has its values again when it comes back',
  async t => {
    const { desk, file, applied } = deskRig(t.teardown)
    await desk.change({ 'line.tel2.callWaiting': false, 'line.tel1.mwi': 'off' }, 'network')
    writeFileSync(file, configText.replace('[[line]]\nid = "tel2"\n', ''))
    t.same(desk.reload(), [])
    t.same(
      applied.at(-1)?.config.line.map(({ id, mwi }) => [id, mwi]),
      [['tel1', 'off']],
    )
    writeFileSync(file, configText)
    t.same(desk.reload(), [])
    t.equal(applied.at(-1)?.config.line[1]?.callWaiting, false)
  },
)

t.test('values that fit no longer are left out and told; the others count', async t => {
  const { desk, file, applied, logged } = deskRig(t.teardown)
  const network = { 'line.tel1.masking.owner': 'both', 'line.tel1.xcap.root': 'http://xcap.test' }
  t.equal(mistakesOf(await desk.change({ ...network, 'log.level': 'warn' }, 'network')), 'none')
  // The account is gone: nobody can ask the network for it.
  writeFileSync(file, configText.replace(/\[line\.account\]\n(\w+ = .*\n)*/, ''))
  t.same(desk.reload(), [])
  t.equal(applied.at(-1)?.config.log.level, 'warn')
  t.equal(applied.at(-1)?.config.line[0]?.masking.owner, 'box')
  t.match(logged.join('\n'), /warn settings of a technician do not fit the file.*masking\.owner/)
  writeFileSync(file, 'board = 5')
  t.not(desk.reload().length, 0, 'a wrong file is told, not taken')
  t.equal(applied.at(-1)?.config.log.level, 'warn')
})

t.test('what an earlier voiceport left behind keeps nobody from changing anything, and goes', async t => {
  const { desk, store, applied } = deskRig(t.teardown)
  const left = ['line.tel2.account.colour', 'sip.gone', 'line.tel9.mwi', 'media.jitter.mean']
  await store.setOverrides(new Map(left.map(key => [key, 1])), 'console')
  await store.setOverrides(new Map([['sip.dscp', 99]]), 'console')
  const account = { user: '0389000002', domain: 'operator.test', password: 'typed-canary-8' }
  const given = Object.entries(account).map(([key, value]) => [`line.tel2.account.${key}`, value])
  t.equal(mistakesOf(await desk.change(Object.fromEntries(given), 'network')), 'none')
  t.match(applied.at(-1)?.config.line[1]?.account, { user: '0389000002' })
  t.equal(applied.at(-1)?.config.sip.dscp, 24)
  t.match(mistakesOf(await desk.change({ 'line.tel1.masking.owner': 'both' }, 'network')), /masking/)
  t.same(desk.leftovers(), left)
  const lines = desk.exported().filter(line => line.startsWith('set '))
  t.same(
    lines.map(line => line.split(' ')[1]),
    ['line.tel2.account.domain', 'line.tel2.account.user'],
  )
  for (const key of left) t.same(changedKeys(await desk.stage(key, undefined)), [key])
  await desk.commit('console')
  t.same(desk.leftovers(), [])
  t.equal(mistakesOf(await desk.change({ 'sip.dscp': 10 }, 'network')), 'none')
})

t.test('factory reset erases files and store, or says why not', async t => {
  const rig = deskRig(t.teardown)
  await rig.desk.change({ 'line.tel1.account.password': 'typed-canary-4711' }, 'network')
  rig.store.failing = true
  t.match(mistakesOf((await rig.desk.factoryReset()) as Outcome), 'the disk is gone')
  t.same([rig.filesErased, rig.secrets.size], [0, 1], 'what the store still names is still there')
  t.same(await rig.desk.factoryReset(), { erased: true, left: [] })
  t.equal(rig.filesErased, 1)
  t.equal(rig.store.erased, true)
  t.equal(rig.secrets.size, 0)
})

t.test('a file that cannot be taken away is told after a reset, and keeps nothing else', async t => {
  const rig = deskRig(t.teardown, { eraseFiles: () => Promise.reject(new Error('EROFS: trace')) })
  await rig.desk.change({ 'line.tel1.account.password': 'typed-canary-4711' }, 'network')
  t.match(await rig.desk.factoryReset(), {
    erased: true,
    left: [{ en: 'a file could not be erased: EROFS: trace' }],
  })
  t.same([rig.store.erased, rig.secrets.size], [true, 0])
})

t.test('every key has a kind, a range or a choice, a time from which it counts, and a name', async t => {
  const { settingKeys } = await import('../../firmware/settings/setting-values.js')
  const names = new Set(tr104Names(['tel1']).map(({ key }) => key))
  const keys = settingKeys(['tel1'])
  t.ok(keys.length > 40)
  for (const { key, legal, help, kind, choices, when } of keys) {
    t.ok(names.has(key), key)
    t.match(legal, /^must be /, key)
    t.not(help, '', key)
    t.equal((kind === 'choice' || kind === 'flag') === (choices !== undefined), true, key)
    t.ok(['now', 'start', 'file'].includes(when), key)
  }
  const when = (name: string) => keys.find(({ key }) => key === name)?.when
  t.same(
    ['sip.listen', 'media.dscp', 'line.tel1.account.user', 'profile', 'store.path', 'line.tel1.id'].map(when),
    ['start', 'now', 'now', 'now', 'file', 'file'],
  )
  t.match(
    keys.find(({ key }) => key === 'line.tel1.account.expiresSeconds'),
    { unit: 's', kind: 'number', standard: 3600 },
  )
})
