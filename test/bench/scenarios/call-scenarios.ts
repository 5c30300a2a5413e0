// One call out: keys and rotary dial, ringback, busy, who is shown, who is heard, when it is over.

import type { Stage } from '../stage.js'
import { keyMs } from '../telephone.js'
import { callOut, earHears, hangUp, hearsNow, hzOf, keysBothWays, pickUp, shownAt, speaks } from './moves.js'
import type { Scenario } from './scenario.js'

/** The number reaches the network as dialled; the far telephone rings and ringback is heard. */
const dialled = async (
  stage: Stage,
  /** Resolves with the onset of the last key, or the end of the last pulse. */
  dial: (number: string) => Promise<number>,
  limit: 'keyToInvite' | 'rotaryToInvite',
): Promise<void> => {
  const { tel, far } = stage
  await pickUp(tel)
  const end = await dial(far.number)
  if (stage.target.messages) {
    const invite = await stage.message(
      `INVITE for ${far.number}`,
      ({ what, fromBox, user }) => fromBox && what === 'INVITE' && user.endsWith(far.number.slice(1)),
      end,
      stage.limit(limit),
    )
    stage.figure(
      limit === 'keyToInvite' ? 'last key to INVITE' : 'last pulse to INVITE',
      (invite.us + stage.offsetUs - end) / 1000,
      stage.limit(limit),
    )
  }
  await stage.until(`${far.number} rings`, () => far.state === 'ringing', stage.limit('ringback'), end)
  await tel.hears('ringback', 'ringback', end)
  const hungUp = await tel.hangUp()
  await stage.until('the call is given up', () => far.state === 'idle', stage.limit('hangUp') + 300, hungUp)
}

const dialKeys: Scenario = {
  name: 'dial-dtmf',
  title: 'a number dialled with keys rings where it should, and ringback is heard',
  source: 'guide line 63',
  needs: ['tones', 'far party'],
  lasts: 8,
  run: stage => dialled(stage, async number => (await stage.tel.keys(number)) - keyMs * 1000, 'keyToInvite'),
}

const dialPulses: Scenario = {
  name: 'dial-pulse',
  title: 'a number dialled with a rotary dial rings where it should, and ringback is heard',
  source: 'profile hook.pulse',
  needs: ['tones', 'far party'],
  lasts: 22,
  run: stage => dialled(stage, number => stage.tel.pulse(number), 'rotaryToInvite'),
}

const talkKeys: Scenario = {
  name: 'keys-in-a-call',
  title: 'a key pressed in a call is heard at the other end, both ways',
  source: 'RFC 4733',
  needs: ['far party'],
  lasts: 8,
  run: async stage => {
    await callOut(stage, stage.far)
    await keysBothWays(stage, stage.far)
    await hangUp(stage, stage.tel, stage.far)
  },
}

const talkBothWays: Scenario = {
  name: 'talk-both-ways',
  title: 'both hear each other, at the level at which was spoken',
  source: 'levels within 3 dB through the box',
  needs: ['far party', 'audio files'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    speaks(far, hzOf.far)
    await callOut(stage, far)
    await earHears(stage, tel, [hzOf.far])
    far.ear.says = () => 0
    const spoken = tel.speak(hzOf.second, 1200)
    await stage.pause(900)
    const { heard, dbm0 } = hearsNow(stage, far, hzOf.second, 400)
    stage.check(`${far.number} hears ${hzOf.second} Hz`, heard, `${dbm0.toFixed(1)} dBm0`)
    await spoken
    await hangUp(stage, tel, far)
  },
}

const busy: Scenario = {
  name: 'busy',
  title: 'a line that is engaged gives the busy tone',
  source: 'ITU-T E.180; RFC 3261 486',
  needs: ['tones', 'far party'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    await pickUp(tel)
    const end = await tel.keys(far.number)
    await stage.until(`${far.number} is asked`, () => far.state === 'ringing', stage.limit('ringback'), end)
    const refused = stage.now
    far.reject(486)
    await tel.hears('busy', 'refusal', refused)
    await tel.hangUp()
  },
}

const farHangsUp: Scenario = {
  name: 'far-hangs-up',
  title: 'the other side hangs up: busy tone, and hanging up ends it',
  source: 'guide line 65',
  needs: ['tones', 'far party'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    await callOut(stage, far)
    const from = tel.mark()
    const left = stage.now
    far.hangUp()
    await tel.hears('busy', 'farEnd', left, from)
    await tel.hangUp()
  },
}

const hangUpIdle: Scenario = {
  name: 'hang-up-idle',
  title: 'hanging up ends the call at the other side, and the next call can be made at once',
  source: 'profile hook.onHookMs; fault H3',
  needs: ['tones', 'far party'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    await callOut(stage, far)
    const hungUp = await tel.hangUp()
    await stage.until(`${far.number} is released`, () => far.state === 'idle', stage.limit('hangUp'), hungUp)
    if (stage.target.messages) {
      const bye = await stage.message(
        'BYE',
        ({ what, fromBox }) => fromBox && what === 'BYE',
        hungUp,
        stage.limit('hangUp'),
      )
      stage.figure('hang-up to BYE', (bye.us + stage.offsetUs - hungUp) / 1000, stage.limit('hangUp'))
    }
    await pickUp(tel)
    await tel.hangUp()
  },
}

const maskedCall: Scenario = {
  name: 'masked-call',
  title: '*92* withholds the number for one call; the next one shows it',
  source: 'guide line 149',
  needs: ['far party', 'own number'],
  lasts: 16,
  run: async stage => {
    const { tel, far } = stage
    for (const [prefix, shown] of [
      ['*92*', 'withheld'],
      ['', tel.number],
    ] as const) {
      await pickUp(tel)
      const end = await tel.keys(`${prefix}${far.number}`)
      await stage.until(`${far.number} rings`, () => far.state === 'ringing', stage.limit('ringback'), end)
      stage.check(`${far.number} shows ${shown}`, shownAt(far) === shown, shownAt(far))
      await hangUp(stage, tel, far)
      await stage.pause(900)
    }
  },
}

const echoCall: Scenario = {
  name: 'echo-call',
  title: 'the echo number sends back what was spoken',
  source: 'audio both ways with nobody at the other end',
  needs: ['echo number', 'audio files'],
  lasts: 8,
  run: async stage => {
    const { tel } = stage
    await pickUp(tel)
    await tel.keys(stage.target.numbers.echo as string)
    await stage.pause(1500)
    const spoken = tel.speak(hzOf.far, 1400)
    await stage.pause(600)
    await earHears(stage, tel, [hzOf.far])
    await spoken
    await tel.hangUp()
  },
}

export const callScenarios = [
  dialKeys,
  dialPulses,
  talkKeys,
  talkBothWays,
  busy,
  farHangsUp,
  hangUpIdle,
  maskedCall,
  echoCall,
] as const
