// A secret in every form in which it might show: as it is, in base64 behind anything, in hexadecimal, as a list of bytes, as the
// HA1 of a digest (RFC 7616 §3.4.2), which is as good as the password.

import { createHash } from 'node:crypto'

export interface Account {
  readonly users: readonly string[]
  readonly realm: string
}

interface Form {
  readonly name: string
  readonly text: string
}

const hashes = ['md5', 'sha256', 'sha512-256'] as const

const formsOf = (secret: string, { users, realm }: Account): readonly Form[] => {
  const plain = Buffer.from(secret)
  const ha1s = users.flatMap(user =>
    hashes.map(hash => ({
      name: hash,
      bytes: createHash(hash).update(`${user}:${realm}:${secret}`).digest(),
    })),
  )
  return [
    { name: 'as it is', text: secret },
    { name: 'bytes', text: [...plain].join(',') },
    ...codedForms('secret', plain),
    ...ha1s.flatMap(({ name, bytes }) => codedForms(`HA1 ${name}`, bytes)),
  ]
}

const codedForms = (name: string, bytes: Buffer): readonly Form[] => [
  { name: `${name} in hex`, text: bytes.toString('hex') },
  { name: `${name} in HEX`, text: bytes.toString('hex').toUpperCase() },
  ...[0, 1, 2].flatMap(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // What stands before and behind it has a part in the characters at its ends.
    const inner = whole.slice([0, 2, 3][before], (before + bytes.length) % 3 === 0 ? undefined : -1)
    return [
      { name: `${name} in base64, ${before} behind`, text: inner },
      { name: `${name} in base64url, ${before} behind`, text: inner.replace(/\+/g, '-').replace(/\//g, '_') },
    ]
  }),
]

/** Where each secret shows: "where: name, form". */
export const sightingsOf = (
  places: Readonly<Record<string, string | Buffer>>,
  secrets: Readonly<Record<string, string>>,
  account: Account,
): readonly string[] => {
  const forms = Object.entries(secrets).flatMap(([what, secret]) =>
    formsOf(secret, account).map(form => ({ ...form, what })),
  )
  return Object.entries(places).flatMap(([where, content]) => {
    const text = content.toString('latin1')
    return forms
      .filter(form => text.includes(form.text))
      .map(({ what, name }) => `${where}: ${what}, ${name}`)
  })
}
