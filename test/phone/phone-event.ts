// Any event a telephone can be told, likely or not: calls it has, had and never had, timers that run and that do not.

import fc from 'fast-check'
import { type PhoneEvent, timerNames } from '../../firmware/phone/event.js'

const call = fc.constantFrom('out-1', 'out-2', 'out-3', 'in-1', 'in-2', 'stranger')
const storeId = fc.constantFrom('set-1', 'set-2', 'set-3', 'out-1', 'out-2', 'out-3')
const status = fc.constantFrom(100, 180, 181, 182, 183, 403, 404, 408, 480, 484, 486, 487, 500, 503, 600, 604)
const of = <T extends PhoneEvent['type']>(type: T) => fc.constant(type)
const key = fc.constantFrom(...'0123456789*#')

export const phoneEvent: fc.Arbitrary<PhoneEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: of('off-hook') }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { type: of('on-hook'), afterFlashMs: fc.integer({ min: 0, max: 1000 }) },
      { requiredKeys: ['type'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ type: of('flash'), ms: fc.integer({ min: 80, max: 600 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: of('digit'),
      digit: fc.oneof(key, fc.constantFrom('1', '5', 'A', '', '*', '#')),
      source: fc.constantFrom('dtmf', 'rotary'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('digit-begun', 'digit-lost') }) },
  { weight: 1, arbitrary: fc.record({ type: of('digit-end'), digit: key }) },
  { weight: 4, arbitrary: fc.record({ type: of('timer'), name: fc.constantFrom(...timerNames) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: of('tone-end'),
      tone: fc.constantFrom('error', 'sit', 'busy', 'dial', 'confirmation'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: of('registration'), registered: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: of('incoming'),
      call,
      caller: fc.record({ withheld: fc.boolean() }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: of('abandoned'), call, elsewhere: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: of('progress'), call, status }) },
  { weight: 1, arbitrary: fc.record({ type: of('early-media'), call }) },
  { weight: 2, arbitrary: fc.record({ type: of('answered'), call }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { type: of('failed'), call, status, q850: fc.integer({ min: 1, max: 127 }) },
      { requiredKeys: ['type', 'call', 'status'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ type: of('ended'), call }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('held', 'resumed'), call, ok: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: of('line-fault'), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: of('configured') }) },
  { weight: 1, arbitrary: fc.record({ type: of('audio'), call }) },
  { weight: 1, arbitrary: fc.record({ type: of('masking'), masked: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: of('stored'), id: storeId, ok: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: of('media-lost'), call }) },
) as fc.Arbitrary<PhoneEvent>
