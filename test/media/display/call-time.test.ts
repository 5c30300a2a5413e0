// The date and time a telephone is shown: both changes of the clock, other zones, and a clock that is not set.

import t from 'tap'
import { callTime } from '../../../firmware/media/display/call-time.js'

const at = (iso: string, timezone = 'Europe/Paris') => {
  const time = callTime(Date.parse(iso), timezone)
  return time && [time.month, time.day, time.hour, time.minute]
}

t.test('summer time begins and ends by the rules of the zone, year after year', async t => {
  t.same(at('2026-03-29T00:59:59Z'), [3, 29, 1, 59])
  t.same(at('2026-03-29T01:00:00Z'), [3, 29, 3, 0])
  t.same(at('2026-10-25T00:59:00Z'), [10, 25, 2, 59])
  t.same(at('2026-10-25T01:00:00Z'), [10, 25, 2, 0], 'the second two o’clock')
  t.same(at('2026-10-25T01:59:59Z'), [10, 25, 2, 59])
  t.same(at('2026-10-25T02:00:00Z'), [10, 25, 3, 0])
  t.same(at('2027-03-28T01:00:00Z'), [3, 28, 3, 0])
  t.same(at('2028-10-29T01:00:00Z'), [10, 29, 2, 0])
})

t.test('midnight, the turn of the year and a leap day', async t => {
  t.same(at('2026-06-30T22:00:00Z'), [7, 1, 0, 0])
  t.same(at('2026-12-31T23:00:00Z'), [1, 1, 0, 0])
  t.same(at('2028-02-29T12:34:00Z'), [2, 29, 13, 34])
})

t.test('other zones: no summer time, half hours, the other hemisphere', async t => {
  t.same(at('2026-07-01T12:00:00Z', 'UTC'), [7, 1, 12, 0])
  t.same(at('2026-07-01T12:00:00Z', 'America/Guadeloupe'), [7, 1, 8, 0])
  t.same(at('2026-07-01T12:00:00Z', 'Asia/Kolkata'), [7, 1, 17, 30])
  t.same(at('2026-01-01T12:00:00Z', 'Pacific/Auckland'), [1, 2, 1, 0])
  t.throws(() => callTime(Date.UTC(2026, 5), 'Europe/Nowhere'), RangeError)
})

t.test('no date while the clock is not set', async t => {
  for (const wall of [
    0,
    -1,
    Date.UTC(1970, 0, 2),
    Date.UTC(2000, 0),
    Date.UTC(2025, 11, 31),
    Number.NaN,
    1e300,
  ])
    t.equal(callTime(wall, 'Europe/Paris'), undefined, String(wall))
})
