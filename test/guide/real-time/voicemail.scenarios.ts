// See voicemail.test.ts. One box with two telephones, the operator with portal and mail, all on the loopback of a namespace.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { ClipName } from '../../operator/spoken.js'
import { spokenPairs } from '../../operator/spoken.js'
import { startChild } from '../../support/child.js'
import { startDaemon } from '../../support/daemon.js'
import { type MailServer, startMailServer } from '../../support/mail-server.js'
import { findSound, likeness, soundOf } from '../../support/spoken-words.js'
import { readWav, writeWav } from '../../support/wav-file.js'

t.setTimeout(240_000)

const domain = 'operator.test'
const subscriber = { id: 'tel1', user: '0389000001', password: 'secret of one' }
const caller = { id: 'tel2', user: '0389000002', password: 'secret of two' }
const portal = 'http://127.0.0.1:8000'
const folder = mkdtempSync(join(tmpdir(), 'voiceport-voicemail-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const mail: MailServer = await startMailServer()
const startOperator = async () => {
  const operator = startChild(process.execPath, [
    fileURLToPath(new URL('../../operator/main.js', import.meta.url)),
    ...['--sip', '127.0.0.1:5060', '--http', '127.0.0.1:8000', '--data', folder, '--domain', domain],
    ...['--smtp', `127.0.0.1:${mail.endpoint.port}`],
    ...[subscriber, caller].flatMap(({ user, password }) => ['--subscriber', `${user}:${password}`]),
  ])
  await operator.waitFor(/^operator ready$/m, 15_000)
  return operator
}
let operator = await startOperator()
const box = await startDaemon({
  address: '127.0.0.5',
  lines: [subscriber, caller],
  domain,
  proxy: '127.0.0.1:5060',
})
t.teardown(async () => {
  await box.stop()
  await operator.stop()
  await mail.close()
})
for (const { id } of [subscriber, caller])
  await box.child.waitFor(
    new RegExp(`"line":"${id}"[^\\n]*"state":"registered"|"state":"registered"[^\\n]*"line":"${id}"`),
    15_000,
  )

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const toneAt = (line: string, names: readonly string[], withinMs: number) =>
  box.bench.waitFor(
    event => event.ev === 'tone' && event.line === line && names.includes(String(event['name'])),
    withinMs,
    box.bench.mark(),
  )
const dial = async (line: string, digits: string): Promise<void> => {
  // It stutters where a message waits.
  const dialTone = toneAt(line, ['dial', 'stutter'], 10_000)
  await box.bench.do({ do: 'offhook', line })
  await dialTone
  await box.bench.do({ do: 'dtmf', line, digits })
}

/** A browser without a screen: logs in at the portal, sends one form of "Mes services". */
const atPortal = async (rubric: string, fields: Readonly<Record<string, string>>): Promise<string> => {
  const cookies = new Map<string, string>()
  const ask = async (path: string, form?: Readonly<Record<string, string>>): Promise<string> => {
    const response = await fetch(portal + path, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams({ ...form }) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const next = response.headers.get('location')
    return next === null ? response.text() : ask(next)
  }
  const token = (page: string): string => /name="jeton" value="([^"]*)"/.exec(page)?.[1] ?? ''
  const jeton = token(await ask('/connexion'))
  const page = await ask('/connexion', { jeton, numero: subscriber.user, passe: subscriber.password })
  return ask(`/services/${rubric}`, { jeton: token(page), ...fields })
}

const lengthOf = (clips: readonly ClipName[]): number => soundOf(clips).length / 8
const greeting = ['vm-welcome-to', ...spokenPairs(subscriber.user), 'vm-leave-message', 'beep']
const speech = soundOf(['speaking'])
const speechFile = join(folder, 'speech.wav')
writeWav(speechFile, speech)

/** Three tenths of a second here and there, each looked for by itself: a play-out buffer stretches pauses. */
const pieces = [1, 2.5, 4, 5.5].map(second => {
  const from = Math.round(second * 8000)
  return speech.subarray(from, from + 2400)
})

/** The message is in that file as it was spoken. A starved machine loses a frame here and there, and the piece it was in. */
const judgeSpeech = (t: Test, wav: string): void => {
  const { samples } = readWav(wav)
  const found = pieces.map(piece => findSound(samples, piece))
  const alike = found.map(one => one.likeness)
  const gains = found.filter(one => one.likeness > 0.9).map(one => one.gainDb)
  const level = gains.reduce((sum, gain) => sum + gain, 0) / gains.length
  t.comment(`likeness ${alike.map(value => value.toFixed(3)).join(' ')}, level ${level.toFixed(2)} dB`)
  t.ok(alike.filter(value => value > 0.9).length >= 2, 'two of the four pieces at least')
  t.ok(Math.abs(level) < 1, `${level} dB`)
}

/**
 * How many of these words are in a recording. A starved machine loses a frame here and there, and the word it was in; that
 * everything comes through unchanged is shown in virtual time (voicemail-messages.test.ts).
 */
const wordsHeard = (wav: string, words: readonly ClipName[]): number => {
  const { samples } = readWav(wav)
  return words.filter(word => likeness(samples, [word]) > 0.8).length
}

t.test('mail and permanent voicemail are set on the portal (guide lines 13, 47)', async t => {
  t.match(
    await atPortal('mail', { adresse: 'caroline.alain@operator.test', 'par-mail': 'oui' }),
    /enregistrée/,
  )
  t.match(await atPortal('messagerie', { renvoi: 'oui' }), /enregistré/)
})

t.test('tel2 calls, hears the greeting, speaks after the beep and ends by # (guide line 43)', async t => {
  const wav = join(folder, 'greeting.wav')
  await dial('tel2', subscriber.user)
  const heard = box.bench.do({ do: 'record', line: 'tel2', wav, ms: Math.round(lengthOf(greeting)) + 3000 })
  await pause(lengthOf(greeting) + 1500)
  await box.bench.do({ do: 'play', line: 'tel2', wav: speechFile })
  const parted = toneAt('tel2', ['busy'], 15_000)
  await box.bench.do({ do: 'dtmf', line: 'tel2', digits: '#' })
  await parted
  await heard
  await box.bench.do({ do: 'onhook', line: 'tel2' })
  const sentences = ['vm-welcome-to', 'n80', 'vm-leave-message']
  t.ok(wordsHeard(wav, sentences) >= 2, 'the greeting, with the number')
  t.notOk(
    box.bench.events.some(event => event.ev === 'ring' && event.line === 'tel1'),
    'the telephone did not ring',
  )
})

t.test('the message arrives by e-mail with its recording (guide line 11)', async t => {
  for (let waited = 0; mail.mails.length === 0 && waited < 10_000; waited += 50) await pause(50)
  const [received] = mail.mails
  t.equal(received?.recipient, 'caroline.alain@operator.test')
  const attached = join(folder, 'attached.wav')
  const { content = new Uint8Array(0) } = received?.attachments[0] ?? {}
  writeFileSync(attached, content)
  judgeSpeech(t, attached)
  const seconds = readWav(attached).samples.length / 8000
  const spoken = speech.length / 8000
  t.ok(Math.abs(seconds - spoken) < 3, `${seconds} s, of which ${spoken} s were spoken`)
})

t.test(
  'the operator killed and started again has the message; 1 plays it as it was spoken (guide lines 9, 25)',
  async t => {
    operator.process.kill('SIGKILL')
    await operator.exit()
    operator = await startOperator()
    const counts = ['vm-you-have', 'n1', 'vm-new-message', 'vm-and', 'vm-none', 'vm-archived-message']
    // Listened to only afterwards: the call would not wait for it.
    const take = async (name: string, ms: number): Promise<string> => {
      const wav = join(folder, `${name}.wav`)
      await box.bench.do({ do: 'record', line: 'tel1', wav, ms: Math.round(ms) })
      return wav
    }
    await dial('tel1', '123')
    const told = await take('counts', lengthOf(counts) + 4000)
    await box.bench.do({ do: 'dtmf', line: 'tel1', digits: '1' })
    const played = await take('message', speech.length / 8 + 4000)
    await box.bench.do({ do: 'dtmf', line: 'tel1', digits: '4' })
    const saved = await take('saved', lengthOf(['vm-saved', 'vm-no-more-messages']) + 1500)
    await box.bench.do({ do: 'onhook', line: 'tel1' })

    t.ok(wordsHeard(told, counts) >= 4, 'one new message, none archived')
    judgeSpeech(t, played)
    t.ok(wordsHeard(saved, ['vm-saved', 'vm-no-more-messages']) >= 1, '4 saves it (guide line 29)')
  },
)
