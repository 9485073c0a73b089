import t from 'tap'
import { readWindows } from '../../src/visits/windows.ts'

const now = '2020-08-20T10:00:00.000Z'
const inBerlin = (...windows: [string, string][]) => {
  const asked = windows.map(([startsAt, endsAt]) => ({ startsAt, endsAt }))
  const read = readWindows(asked, 'Europe/Berlin', now)
  return {
    instants: read.windows.map(({ startsAt, endsAt }) => [startsAt, endsAt]),
    faults: read.faults.map(({ pointer, code }) => [pointer, code]),
  }
}

t.test('a window may begin or end at the edges of a skipped hour, but not within it', async (t) => {
  const read = inBerlin(
    ['2021-03-28T01:59', '2021-03-28T03:00'],
    ['2021-03-28T01:00', '2021-03-28T02:00'],
    ['2021-03-28T02:59', '2021-03-28T09:00'],
    ['2021-03-27T09:00', '2021-03-28T09:00'],
  )

  t.same(read.instants, [
    ['2021-03-28T00:59:00.000Z', '2021-03-28T01:00:00.000Z'],
    ['2021-03-27T08:00:00.000Z', '2021-03-28T07:00:00.000Z'],
  ])
  t.same(read.faults, [
    ['/windows/1/endsAt', 'nonexistent_local_time'],
    ['/windows/2/startsAt', 'nonexistent_local_time'],
  ])
})

t.test('in a repeated hour a window needs offsets, and may last from the first to the second', async (t) => {
  const read = inBerlin(
    ['2020-10-25T02:30+02:00', '2020-10-25T02:30+01:00'],
    ['2020-10-25T01:59', '2020-10-25T03:00'],
    ['2020-10-25T02:59+02:00', '2020-10-25T02:00+01:00'],
    ['2020-10-25T02:30+01:00', '2020-10-25T02:30+02:00'],
    ['2020-10-25T01:00', '2020-10-25T02:00'],
  )

  t.same(read.instants.slice(0, 3), [
    ['2020-10-25T00:30:00.000Z', '2020-10-25T01:30:00.000Z'],
    ['2020-10-24T23:59:00.000Z', '2020-10-25T02:00:00.000Z'],
    ['2020-10-25T00:59:00.000Z', '2020-10-25T01:00:00.000Z'],
  ])
  t.same(read.faults, [
    ['/windows/3/endsAt', 'ends_before_it_starts'],
    ['/windows/4/endsAt', 'ambiguous_local_time'],
  ])
})

t.test('offered windows may overlap, but must differ, however they are spelled', async (t) => {
  const read = inBerlin(
    ['2020-10-23T09:00', '2020-10-27T17:00'],
    ['2020-10-24T09:00', '2020-10-28T17:00'],
    ['2020-10-23T09:00:00+02:00', '2020-10-27T17:00+01:00'],
    ['2020-10-23T09:00', '2020-10-27T17:01'],
  )

  t.same(read.faults, [['/windows/2', 'duplicate']])
})

t.test('the longest window is 60 calendar days, also across a change of the clocks', async (t) => {
  const read = inBerlin(
    // The clocks go back on 25 October 2020 and forward on 28 March 2021: days of 25 and of 23 hours.
    ['2020-09-20T09:00', '2020-11-19T09:00'],
    ['2020-09-20T09:00', '2020-11-19T09:01'],
    ['2021-03-01T09:00', '2021-04-30T09:00'],
    ['2021-03-01T09:00', '2021-04-30T09:01'],
    ['2021-01-01T09:00', '2021-03-02T09:00'],
    ['2021-01-01T09:00', '2021-03-02T09:01'],
    // Sixty days later, that local time occurs twice or not at all.
    ['2020-08-26T02:30', '2020-10-25T02:30+01:00'],
    ['2021-01-27T02:30', '2021-03-28T03:30'],
  )

  t.same(read.faults, [
    ['/windows/1/endsAt', 'too_long'],
    ['/windows/3/endsAt', 'too_long'],
    ['/windows/5/endsAt', 'too_long'],
  ])
})

t.test('the latest start of a window is counted in calendar days', async (t) => {
  // It is 11:00 in winter there; 730 days later the clocks have gone forward, in 2022 on 27 March.
  const winter = '2020-03-28T10:00:00.000Z'
  const asked = (startsAt: string) => ({ startsAt, endsAt: '2022-03-29T09:00' })
  const { faults } = readWindows(
    [asked('2022-03-28T11:00'), asked('2022-03-28T11:01')],
    'Europe/Berlin',
    winter,
  )

  // Counted as 730 times 24 hours, the first would be an hour early and the second would be taken.
  t.same(
    faults.map(({ pointer, code }) => [pointer, code]),
    [['/windows/1/startsAt', 'too_far_ahead']],
  )
})
