// Which secret of the console counts: the provisioned one, the one that somebody set, or a newer provisioned one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { consoleSecrets } from '../../board/console-secrets.js'
import { fits, isVerifier, makeVerifier } from '../../firmware/console/secret.js'
import { type Log, silentLog } from '../../firmware/log.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const rig = (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'view')
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(16)
  const logged: string[] = []
  const keep = (message: string, fields: object = {}) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { ...silentLog, warn: keep, error: keep }
  const opened = () =>
    consoleSecrets(
      () => ({ console: { viewSecretFile: file }, store: { path: join(folder, 'voiceport.db') } }) as never,
      { clock, entropy, log },
    )
  let secrets = opened()
  return {
    file,
    verifier: join(folder, 'console-view.verifier'),
    logged,
    provision: (secret: string) => writeFileSync(file, secret),
    passwd: async (secret: string) => secrets.keep('view', await makeVerifier(secret, clock, entropy)),
    opens: async (secret: string) => {
      const kept = await secrets.read('view')
      return kept !== undefined && (isVerifier(kept) ? fits(secret, kept, clock) : secret === kept)
    },
    read: () => secrets.read('view'),
    restart: () => {
      secrets = opened()
    },
  }
}

t.test('after passwd the new secret counts, until another one is provisioned', async t => {
  const { provision, passwd, opens, restart, logged, file, verifier } = rig(t)
  provision('first-delivery\n')
  await passwd('set-by-somebody')
  t.notMatch(readFileSync(verifier, 'utf8'), /first|somebody/)
  t.same([await opens('set-by-somebody'), await opens('first-delivery')], [true, false])
  provision('first-delivery')
  restart()
  t.equal(await opens('set-by-somebody'), true, 'the same once more is nothing new')
  provision('second-delivery\n')
  t.same([await opens('second-delivery'), await opens('set-by-somebody')], [true, false])
  t.same(logged, [`a newly provisioned console secret counts ${JSON.stringify({ file })}`])
  provision('first-delivery\n')
  t.same([await opens('first-delivery'), await opens('set-by-somebody')], [true, false], 'gone for good')
  await passwd('set-once-more')
  t.same([await opens('set-once-more'), await opens('first-delivery')], [true, false])
})

t.test('a delivery that nobody could type, or that is not all there, changes nothing', async t => {
  const { provision, passwd, opens, file } = rig(t)
  provision('first-delivery\n')
  await passwd('set-by-somebody')
  for (const half of ['', '\n', 'caf\u00e9\n', 'two\nlines\n']) {
    provision(half)
    t.equal(await opens('set-by-somebody'), true, JSON.stringify(half))
  }
  rmSync(file)
  t.equal(await opens('set-by-somebody'), true)
})

t.test('a secret that nobody can type is refused, and the log says why, once', async t => {
  const { provision, opens, logged, read } = rig(t)
  provision(`${'x'.repeat(257)}\n`)
  for (let i = 0; i < 20; i++) await t.rejects(read(), /more than 256 characters/)
  t.equal(logged.length, 1)
  provision('caf\u00e9\n')
  await t.rejects(read(), /cannot be typed/)
  t.equal(logged.length, 2)
  t.notMatch(logged.join('\n'), /xxx|caf/)
  provision('typable\n')
  t.equal(await opens('typable'), true)
})

t.test('where the provisioned secret cannot be read none is set', async t => {
  const { passwd, opens, provision, verifier } = rig(t)
  await t.rejects(passwd('set-by-somebody'), /ENOENT/)
  provision('first-delivery\n')
  t.equal(await opens('first-delivery'), true)
  writeFileSync(verifier, 'no verifier\nat\nall\n')
  await t.rejects(opens('first-delivery'), /too many lines/, 'who set one must not be passed by')
})
