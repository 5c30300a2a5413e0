// Voice messages by e-mail, received by a real SMTP server and read by a real mail parser.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { startMailServer } from '../../support/mail-server.js'
import { decodeAlaw, loudness } from '../alaw.js'
import { createSmtpMailer, MailRefused } from './mailer.js'
import { messageMail } from './message-mail.js'

const spoken = readFileSync(new URL('../../../../test/operator/prompts/speaking.al', import.meta.url))
const paris = 'Europe/Paris'
const receivedAt = Date.UTC(2026, 2, 3, 13, 12, 5)

t.test(
  'a message arrives with who called, when, how long, and the recording as WAV (guide line 11)',
  async t => {
    const server = await startMailServer()
    const mailer = createSmtpMailer(server.endpoint, 'messagerie@operator.test')
    t.teardown(() => server.close())
    const message = { from: '0389000002', receivedAt, recording: spoken }
    await mailer.send(messageMail('caroline.alain@operator.test', message, paris))
    mailer.close()
    const [mail] = server.mails
    t.equal(mail?.recipient, 'caroline.alain@operator.test')
    t.equal(mail?.from, 'messagerie@operator.test')
    t.equal(mail?.subject, 'Nouveau message vocal du 03 89 00 00 02')
    t.match(mail?.text, /mardi 3 mars 2026 à 14:12/)
    t.match(mail?.text, /0 min \d\d s/)
    const [file] = mail?.attachments ?? []
    t.equal(file?.contentType, 'audio/wav')
    t.equal(file?.filename, 'message-2026-03-03-141205.wav')
    const wav = Buffer.from(file?.content ?? [])
    t.equal(wav.toString('latin1', 0, 4), 'RIFF')
    t.equal(wav.readUInt16LE(20), 1, 'linear samples')
    t.equal(wav.readUInt32LE(24), 8000)
    t.equal(wav.readUInt32LE(40), spoken.length * 2)
    t.same(wav.subarray(44), decodeAlaw(spoken), 'every sample of it')
  },
)

t.test('a caller who withheld his number is not named', async t => {
  const mail = messageMail('a@b.test', { from: undefined, receivedAt, recording: spoken }, paris)
  t.match(mail.subject, /numéro masqué/)
  t.notMatch(mail.text, /0\d( \d\d){4}/)
})

t.test('an address that the server refuses for good differs from a server that is away', async t => {
  const server = await startMailServer()
  const mailer = createSmtpMailer(server.endpoint, 'messagerie@operator.test')
  const mail = messageMail('nobody@operator.test', { from: undefined, receivedAt, recording: spoken }, paris)
  await server.refuseWith(550)
  const never = await mailer.send(mail).catch((error: Error) => error)
  t.ok(never instanceof MailRefused, 'no such mailbox')
  await server.refuseWith(451)
  const later = await mailer.send(mail).catch((error: Error) => error)
  t.ok(later instanceof Error && !(later instanceof MailRefused), 'greylisted: try again')
  await server.close()
  const away = await mailer.send(mail).catch((error: Error) => error)
  t.ok(away instanceof Error && !(away instanceof MailRefused), 'nobody there: try again')
  t.equal(server.mails.length, 0)
})

t.test('an address cannot bring in further recipients', async t => {
  const server = await startMailServer()
  t.teardown(() => server.close())
  const mailer = createSmtpMailer(server.endpoint, 'messagerie@operator.test')
  const to = 'a@b.test\r\nBcc: c@d.test'
  await mailer
    .send(messageMail(to, { from: undefined, receivedAt, recording: spoken }, paris))
    .catch(() => {})
  t.notOk(server.mails.some(mail => mail.recipient.includes('c@d.test') || mail.recipients > 1))
})

t.test('A-law values and levels are those of G.711', async t => {
  // Table 1a: the decoder's output values, in its 13-bit units, of code words as they travel (even bits inverted).
  const known: readonly [code: number, value: number][] = [
    [0xd5, 1],
    [0x55, -1],
    [0xd4, 3],
    [0xaa, 4032],
    [0x2a, -4032],
  ]
  for (const [code, value] of known)
    t.equal(decodeAlaw(Uint8Array.of(code)).readInt16LE(0), value * 8, `code ${code}`)
  t.equal(loudness(Uint8Array.of(0xaa, 0x2a)), 32_256, 'full scale')
})
