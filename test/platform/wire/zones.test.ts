import t from 'tap'
import { dateIn, instantOf, isZoneName, localOf } from '../../../src/platform/wire/zones.ts'

const instants = [
  ['2020-10-23T09:00', 'Europe/Berlin', '2020-10-23T07:00:00Z', 'summer time'],
  ['2020-10-26T09:00', 'Europe/Berlin', '2020-10-26T08:00:00Z', 'the clocks went back the day before'],
  ['2020-10-25T09:00', 'Europe/Berlin', '2020-10-25T08:00:00Z', 'the clocks went back that night'],
  ['2020-10-25T01:59', 'Europe/Berlin', '2020-10-24T23:59:00Z', 'the last minute before the fold'],
  ['2020-10-25T03:00', 'Europe/Berlin', '2020-10-25T02:00:00Z', 'the first minute after the fold'],
  ['2020-03-29T03:00', 'Europe/Berlin', '2020-03-29T01:00:00Z', 'the first minute after the gap'],
  ['2020-07-01T09:00', 'Europe/Minsk', '2020-07-01T06:00:00Z', 'Minsk has no summer time'],
  ['2020-12-01T09:00', 'Europe/Minsk', '2020-12-01T06:00:00Z', 'nor a winter time'],
  ['2020-10-23T09:00', 'Africa/Johannesburg', '2020-10-23T07:00:00Z', 'two hours ahead all year'],
  ['2020-10-23T09:00', 'America/St_Johns', '2020-10-23T11:30:00Z', 'two and a half hours behind in summer'],
  ['2020-12-23T09:00', 'America/St_Johns', '2020-12-23T12:30:00Z', 'three and a half in winter'],
  ['2020-04-05T09:00', 'Australia/Lord_Howe', '2020-04-04T22:30:00Z', 'after the half-hour fold'],
  ['2020-04-04T09:00', 'Australia/Lord_Howe', '2020-04-03T22:00:00Z', 'before it'],
  ['2011-12-29T23:59', 'Pacific/Apia', '2011-12-30T09:59:00Z', 'the last minute east of the date line'],
  ['2011-12-31T00:00', 'Pacific/Apia', '2011-12-30T10:00:00Z', 'the next minute, west of it'],
  ['2020-10-23T09:00:30', 'UTC', '2020-10-23T09:00:30Z', 'seconds are kept'],
  ['2020-02-29T00:00', 'UTC', '2020-02-29T00:00:00Z', 'a leap day'],
] as const

for (const [local, zone, instant, why] of instants) {
  t.test(`${local} in ${zone} is ${instant}: ${why}`, async (t) => {
    t.same(instantOf(local, zone), { ok: true, instant })
  })
}

const gaps = [
  ['2020-03-29T02:00', 'Europe/Berlin'],
  ['2020-03-29T02:59:59', 'Europe/Berlin'],
  ['2020-10-04T02:15', 'Australia/Lord_Howe'],
  ['2011-12-30T12:00', 'Pacific/Apia'],
] as const

for (const [local, zone] of gaps) {
  t.test(`${local} in ${zone} does not exist, with or without an offset`, async (t) => {
    t.same(instantOf(local, zone), { ok: false, reason: 'nonexistent' })
    t.same(instantOf(`${local}+01:00`, zone), { ok: false, reason: 'nonexistent' })
  })
}

const folds = [
  [
    '2020-10-25T02:30',
    'Europe/Berlin',
    { '+02:00': '2020-10-25T00:30:00Z', '+01:00': '2020-10-25T01:30:00Z' },
  ],
  [
    '2020-11-01T01:30',
    'America/St_Johns',
    { '-02:30': '2020-11-01T04:00:00Z', '-03:30': '2020-11-01T05:00:00Z' },
  ],
  [
    '2020-04-05T01:45',
    'Australia/Lord_Howe',
    { '+11:00': '2020-04-04T14:45:00Z', '+10:30': '2020-04-04T15:15:00Z' },
  ],
] as const

for (const [local, zone, meanings] of folds) {
  t.test(`${local} in ${zone} is ambiguous until it says its offset`, async (t) => {
    const choices = Object.keys(meanings).map((offset) => local + offset)
    t.same(instantOf(local, zone), { ok: false, reason: 'ambiguous', choices })
    for (const [offset, instant] of Object.entries(meanings)) {
      t.same(instantOf(local + offset, zone), { ok: true, instant })
    }
    t.same(instantOf(`${local}+05:00`, zone), { ok: false, reason: 'wrong_offset' })
  })
}

t.test('an offset that the zone has at that time is accepted, any other is not', async (t) => {
  t.same(instantOf('2020-10-23T09:00+02:00', 'Europe/Berlin'), { ok: true, instant: '2020-10-23T07:00:00Z' })
  t.same(instantOf('2020-10-23T09:00+01:00', 'Europe/Berlin'), { ok: false, reason: 'wrong_offset' })
  t.same(instantOf('2020-10-23T09:00+00:00', 'UTC'), { ok: true, instant: '2020-10-23T09:00:00Z' })
})

t.test('text that is not a local date and time is malformed', async (t) => {
  const texts = [
    '',
    '2020-10-23',
    '09:00',
    '2020-10-23 09:00',
    '2020-10-23T9:00',
    '2020-10-23T09:00Z',
    '2020-10-23T09:00:00.5',
    '2020-02-30T09:00',
    '2021-02-29T09:00',
    '2020-13-01T09:00',
    '2020-10-23T24:00',
    '2020-10-23T09:60',
    '2020-06-30T23:59:60',
    '2020-10-23T09:00+25:00',
    '2020-10-23T09:00+01',
    '2020-10-23T09:00[Europe/Berlin]',
    '+275760-09-13T00:00',
    '275760-09-13T00:00',
    '0000-01-01T00:00',
    '9999-12-31T23:59',
    '2020-10-23T09:00\n',
    '٢٠٢٠-10-23T09:00',
    '2020-10-23T09:00\u0000',
  ]
  for (const text of texts) t.same(instantOf(text, 'Europe/Berlin'), { ok: false, reason: 'malformed' }, text)
})

t.test('localOf returns local time and offset, and instantOf converts it back', async (t) => {
  const local = [
    ['2020-10-23T07:00:00Z', 'Europe/Berlin', '2020-10-23T09:00+02:00'],
    ['2020-10-25T00:30:00Z', 'Europe/Berlin', '2020-10-25T02:30+02:00'],
    ['2020-10-25T01:30:00Z', 'Europe/Berlin', '2020-10-25T02:30+01:00'],
    ['2020-04-04T15:15:00Z', 'Australia/Lord_Howe', '2020-04-05T01:45+10:30'],
    ['2020-10-23T07:00:05Z', 'Europe/Minsk', '2020-10-23T10:00:05+03:00'],
    ['1970-01-01T00:44:30Z', 'Africa/Monrovia', '1970-01-01T00:00-00:44:30'],
  ] as const
  for (const [instant, zone, wall] of local) {
    t.equal(localOf(instant, zone), wall)
    t.same(instantOf(wall, zone), { ok: true, instant })
  }
})

t.test('each quarter of an hour around a change of the clocks comes back unchanged', async (t) => {
  const changes = [
    ['2020-10-24T12:00:00Z', 'Europe/Berlin'],
    ['2020-03-28T12:00:00Z', 'Europe/Berlin'],
    ['2020-04-04T03:00:00Z', 'Australia/Lord_Howe'],
    ['2020-10-03T03:00:00Z', 'Australia/Lord_Howe'],
    ['2011-12-29T22:00:00Z', 'Pacific/Apia'],
    ['2020-10-31T17:00:00Z', 'America/St_Johns'],
  ] as const
  for (const [start, zone] of changes) {
    for (let quarter = 0; quarter < 96; quarter++) {
      const instant = new Date(Date.parse(start) + quarter * 15 * 60_000).toISOString().replace('.000', '')
      t.same(instantOf(localOf(instant, zone), zone), { ok: true, instant })
    }
  }
})

t.test('localOf cuts off fractions of a second', async (t) => {
  t.equal(localOf('2020-10-23T07:00:59.999Z', 'UTC'), '2020-10-23T07:00:59+00:00')
  t.equal(localOf('2020-10-23T07:00:00.999Z', 'UTC'), '2020-10-23T07:00+00:00')
})

t.test('dateIn returns the local date in a zone', async (t) => {
  t.equal(dateIn('2020-10-22T22:30:00Z', 'Europe/Berlin'), '2020-10-23')
  t.equal(dateIn('2020-10-22T22:30:00Z', 'America/St_Johns'), '2020-10-22')
  t.equal(dateIn('2011-12-30T09:59:59Z', 'Pacific/Apia'), '2011-12-29')
  t.equal(dateIn('2011-12-30T10:00:00Z', 'Pacific/Apia'), '2011-12-31')
})

t.test('only UTC and names of places are time zones', async (t) => {
  const offsets = [
    'EST',
    'MST',
    'HST',
    'EST5EDT',
    'CET',
    'EET',
    'WET',
    'GMT',
    'GMT0',
    'UCT',
    'Zulu',
    'Universal',
  ]
  const others = [
    'Etc/GMT+3',
    'Etc/GMT-3',
    'Etc/UTC',
    'US/Pacific',
    'Canada/Eastern',
    'Cuba',
    'Japan',
    'PRC',
    'W-SU',
  ]

  t.same([...offsets, ...others].filter(isZoneName), [])
  t.ok(isZoneName('UTC'))
})

t.test('every zone of Intl is accepted', async (t) => {
  const zones = Intl.supportedValuesOf('timeZone')
  t.ok(zones.length > 400)
  t.same(
    zones.filter((name) => !isZoneName(name)),
    [],
  )
})
