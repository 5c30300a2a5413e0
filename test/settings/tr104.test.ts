// Every key of the configuration has a name in the data model of remote management, and no name is left over.

import t from 'tap'
import { describeKeys } from '../../firmware/settings/key-list.js'
import { tr104Names } from '../../firmware/settings/tr104.js'

const ofLine = (key: string) => key.replace('[[line]].', 'line.tel1.')

t.test('there is a name for each key and a key for each name', async t => {
  const keys = describeKeys().map(({ key }) => ofLine(key))
  t.same(
    tr104Names(['tel1'])
      .map(({ key }) => key)
      .sort(),
    [...keys].sort(),
  )
})

t.test('names are well-formed, and a parameter that holds two keys says which part is which', async t => {
  const names = tr104Names(['tel1', 'tel2'])
  for (const { name } of names)
    t.match(
      name,
      /^Device\.Services\.VoiceService\.1\.([A-Z][A-Za-z0-9]*\.(\d+\.)?)*(X_VOICEPORT_)?[A-Z][A-Za-z0-9]*$/,
    )
  const meanings = names.map(({ name, part = '' }) => `${name} ${part}`)
  t.equal(new Set(meanings).size, meanings.length)
})

t.test('lines are instances in the order of the configuration, and a password reads as empty', async t => {
  const names = tr104Names(['tel1', 'tel2'])
  const of = (key: string) => names.find(each => each.key === key)
  t.equal(
    of('line.tel1.callWaiting')?.name,
    'Device.Services.VoiceService.1.CallControl.CallingFeatures.Set.1.CallWaitingEnable',
  )
  t.equal(
    of('line.tel2.callWaiting')?.name,
    'Device.Services.VoiceService.1.CallControl.CallingFeatures.Set.2.CallWaitingEnable',
  )
  t.same(
    names.filter(({ hidden }) => hidden).map(({ key }) => key),
    ['line.tel1.account.password', 'line.tel2.account.password'],
  )
  t.equal(of('sip.dscp')?.name, 'Device.Services.VoiceService.1.SIP.Network.1.DSCPMark')
})
