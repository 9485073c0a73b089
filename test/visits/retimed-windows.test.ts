import t from 'tap'
import { zoneRules, type ZoneRules } from '../../src/platform/wire/zones.ts'
import { retimeWindows } from '../../src/visits/retimed-windows.ts'
import { readWindows } from '../../src/visits/windows.ts'

const now = '2020-08-20T10:00:00.000Z'
const zone = 'Europe/Berlin'

/** The clocks of Berlin change only at these instants, to this number of hours ahead of UTC. */
const changing = (...changes: [string, number][]): ZoneRules => ({
  version: '2999a',
  offsetAt: (epochMs) =>
    changes.reduce((hours, [at, to]) => (epochMs >= Date.parse(at) ? to : hours), 1) * 3600,
})

const agreed = (startsAt: string, endsAt: string) => {
  const { windows, faults } = readWindows([{ startsAt, endsAt }], zone, now)
  t.same(faults, [])
  return windows
}

const retimed = (startsAt: string, endsAt: string, rules: ZoneRules, at = now) => {
  const { windows, retimed } = retimeWindows(agreed(startsAt, endsAt), zone, rules, at)
  return { window: windows[0], change: retimed[0] }
}

t.test('a local time that new rules skip uses the offset before the gap and is marked skipped', async (t) => {
  const gap = changing(['2020-11-06T01:00:00Z', 2])
  const { window, change } = retimed('2020-11-06T02:30', '2020-11-06T09:00', gap)

  t.match(window, {
    agreedStartsAt: '2020-11-06T02:30+01:00',
    startsAt: '2020-11-06T01:30:00.000Z',
    startsAtLocal: '2020-11-06T03:30+02:00',
    endsAt: '2020-11-06T07:00:00.000Z',
  })
  t.same(change?.start, { shiftSeconds: 0, reading: 'skipped' })
  t.same(change?.end, { shiftSeconds: -3600, reading: 'once' })
})

t.test(
  'a local time that new rules show twice uses the agreed offset, else the earlier instant',
  async (t) => {
    const fold = changing(['2020-10-30T00:00:00Z', 2], ['2020-11-06T01:00:00Z', 1])
    const { window } = retimed('2020-11-06T02:30', '2020-11-07T09:00', fold)
    const stranger = changing(['2020-10-30T00:00:00Z', 4], ['2020-11-06T00:00:00Z', 3])
    const { window: earlier, change } = retimed('2020-11-06T03:30', '2020-11-07T09:00', stranger)

    t.match(window, { startsAt: '2020-11-06T01:30:00.000Z', startsAtLocal: '2020-11-06T02:30+01:00' })
    t.match(earlier, { startsAt: '2020-11-05T23:30:00.000Z', startsAtLocal: '2020-11-06T03:30+04:00' })
    t.equal(change?.start.reading, 'twice')
  },
)

t.test('the agreed local time is kept, so the instants come back when the old rules do', async (t) => {
  const windows = agreed('2020-11-06T02:30', '2020-11-06T09:00')
  const away = retimeWindows(windows, zone, changing(['2020-11-06T01:00:00Z', 2]), now)

  const back = retimeWindows(away.windows, zone, zoneRules, now)

  t.equal(away.retimed.length, 1)
  t.same(back.windows, windows)
})

t.test('a window without stored agreed times keeps its local times, also when retimed twice', async (t) => {
  const windows = agreed('2020-11-06T02:30', '2020-11-06T09:00')
  const old = windows.map(({ agreedStartsAt: _start, agreedEndsAt: _end, ...shown }) => shown)

  const away = retimeWindows(old, zone, changing(['2020-11-06T01:00:00Z', 2]), now)
  const back = retimeWindows(away.windows, zone, zoneRules, now)

  t.match(away.windows, [{ startsAtLocal: '2020-11-06T03:30+02:00', endsAt: '2020-11-06T07:00:00.000Z' }])
  t.same(back.windows, windows)
})

t.test('a window whose end would not be after its start keeps its length', async (t) => {
  const gap = changing(['2020-11-06T01:00:00Z', 2])
  const { window } = retimed('2020-11-06T02:30', '2020-11-06T03:10', gap)

  t.match(window, { startsAt: '2020-11-06T01:30:00.000Z', endsAt: '2020-11-06T02:10:00.000Z' })
})

t.test('a window in the past is not retimed, and an unchanged window is not reported', async (t) => {
  const rules = changing()
  const { window, change } = retimed(
    '2020-10-23T09:00',
    '2020-10-24T09:00',
    rules,
    '2020-10-23T07:00:00.000Z',
  )
  const over = retimed('2020-10-23T09:00', '2020-10-24T09:00', rules, '2020-10-24T07:00:00.000Z')

  t.match(window, { startsAt: '2020-10-23T07:00:00.000Z', endsAt: '2020-10-24T08:00:00.000Z' })
  t.ok(change)
  t.equal(over.change, undefined)
  t.same(retimeWindows(agreed('2020-10-23T09:00', '2020-10-24T09:00'), zone, zoneRules, now).retimed, [])
})
