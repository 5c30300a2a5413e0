// The world of the demo: the reference operator and the box, each a process of its own, two telephones on the box and one
// elsewhere in the network. All of it on loopback addresses of its own and in a temporary folder.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchClient } from '../../test/bench/bench-client.js'
import { freeHouse } from '../../test/support/free-house.js'
import { speechOf, writeWav } from '../../test/support/wav-file.js'
import { openBoxSide } from './box-side.js'
import { openFarTelephone } from './far-telephone.js'
import { type NetworkSettings, openNetworkSide } from './network-side.js'
import type { HandAction, Telephone } from './telephone.js'

export interface World {
  /** Those of the box, then the others. */
  readonly telephones: readonly Telephone[]
  readonly bench: BenchClient
  readonly portal: string
  /** Of the portal, by number. */
  readonly passwords: Readonly<Record<string, string>>
  /** Whether the box withholds the number for good. */
  isMasked(telephone: Telephone): boolean
  settingsOf(number: string): NetworkSettings
  /** Subjects of the mails that came. */
  readonly mails: readonly string[]
  /** Does what a hand would do; rejects with a message for people. */
  act(telephone: Telephone, action: HandAction): Promise<void>
  /** Runs at every change until the answer is called. */
  onChange(listener: () => void): () => void
  /** Ends everything; resolves with the box's exit code. */
  close(): Promise<number | null>
}

const domain = 'operator.test'
const lines = [
  { line: 'tel1', number: '0389000001', password: 'demo-one' },
  { line: 'tel2', number: '0389000002', password: 'demo-two' },
]
const anna = { name: 'anna', number: '0389000011', password: 'demo-anna' }
const passwords = Object.fromEntries([...lines, anna].map(({ number, password }) => [number, password]))
/** Of the spoken sentence, behind its tone. */
const SPEECH_FROM = 0.6 * 8000
const SPEECH_SAMPLES = 3 * 8000

/** Rejects with a message for people when something does not come up. */
export const openWorld = async (): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-demo-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  // Ended by a signal while it starts.
  process.once('exit', removeFolder)
  const closing: (() => Promise<unknown>)[] = []
  const end = async (): Promise<number | null> => {
    let code: unknown = null
    for (const part of closing.reverse()) code = (await part()) ?? code
    removeFolder()
    return code as number | null
  }
  let ended: Promise<number | null> | undefined
  const close = (): Promise<number | null> => {
    ended ??= end()
    return ended
  }
  try {
    return await openParts(folder, closing, close)
  } catch (error) {
    await close()
    throw error
  }
}

const openParts = async (
  folder: string,
  closing: (() => Promise<unknown>)[],
  close: World['close'],
): Promise<World> => {
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of [...listeners]) listener()
  }
  const telephones: Telephone[] = []
  const house = await freeHouse('127.60')
  const prompts = new URL('../../../test/operator/prompts/', import.meta.url)
  const speech = speechOf(new URL('speaking.al', prompts)).subarray(SPEECH_FROM, SPEECH_FROM + SPEECH_SAMPLES)
  writeWav(join(folder, 'speech.wav'), speech)
  const network = await openNetworkSide({
    address: `${house}.1`,
    domain,
    folder,
    subscribers: passwords,
    onNews: news => {
      const hearer = news.ev === 'said' && telephones.find(({ number }) => number === news.user)
      if (hearer) subtitle(hearer, news.text, news.ms)
      changed()
    },
  })
  closing.push(async () => void (await network.close()))
  const box = await openBoxSide({
    address: `${house}.5`,
    folder,
    operator: network.sip,
    xcapRoot: `${network.portal}xcap`,
    domain,
    lines,
    speech: join(folder, 'speech.wav'),
    onChange: changed,
  })
  closing.push(box.close)
  const far = await openFarTelephone({
    ...anna,
    address: `${house}.11`,
    operator: network.sip,
    domain,
    speech,
    onChange: changed,
  })
  closing.push(async () => void (await far.close()))
  telephones.push(...box.telephones, far.telephone)
  return {
    telephones,
    bench: box.bench,
    portal: network.portal,
    passwords,
    isMasked: box.isMasked,
    settingsOf: network.settingsOf,
    get mails() {
      return network.mails.map(({ subject, recipient }) => `${subject}, to ${recipient}`)
    },
    act: (telephone, action) => (telephone.kind === 'far' ? far.act(action) : box.act(telephone, action)),
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close,
  }
}

const subtitle = (telephone: Telephone, text: string, lasts: number): void => {
  telephone.caption = text
  telephone.captionBegins = Date.now()
  telephone.captionEnds = telephone.captionBegins + lasts
}
