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

t.test('around the gap: its edges are times, what lies in it is none', async (t) => {
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

t.test(
  'in the hour that the clocks show twice, an offset says which; a window may last from one to the other',
  async (t) => {
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
  },
)

t.test('windows may overlap, but the same one twice is no choice, however it is spelled', async (t) => {
  const read = inBerlin(
    ['2020-10-23T09:00', '2020-10-27T17:00'],
    ['2020-10-24T09:00', '2020-10-28T17:00'],
    ['2020-10-23T09:00:00+02:00', '2020-10-27T17:00+01:00'],
    ['2020-10-23T09:00', '2020-10-27T17:01'],
  )

  t.same(read.faults, [['/windows/2', 'duplicate']])
})
