/** The rules of a zone change: local times stay, instants are computed again, and the history records it. */
import t from 'tap'
import { jobs } from '../../src/jobs.ts'
import { startJobs } from '../../src/platform/jobs/queue.ts'
import { zoneRules, type ZoneRules } from '../../src/platform/wire/zones.ts'
import { visitJobsWith } from '../../src/visits/jobs.ts'
import { delegateOf, inNovember, overTheChange, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

const hour = 3600

/** The current rules, except that Stuttgart is this number of hours ahead of UTC from September 2020 on. */
const inStuttgart = (version: string, hours: number): ZoneRules => ({
  version,
  offsetAt: (epochMs, timeZone) =>
    timeZone === 'Europe/Berlin' && epochMs >= Date.parse('2020-09-01T00:00:00Z')
      ? hours * hour
      : zoneRules.offsetAt(epochMs, timeZone),
})
/** Summer time all year: what begins at 09:00 in November begins an hour earlier. */
const endlessSummer = inStuttgart('2999a', 2)

const retime = ({ house, run }: VisitWorld, rules: ZoneRules) => {
  const job = visitJobsWith(house.vault, rules).find(({ name }) => name === 'visits.retime')
  if (!job) throw new Error('there is no such job')
  return run(job)
}

const bookingsOf = async ({ database }: VisitWorld, visitId: string) => {
  const { rows } = await database.read.$client.query(
    `select status, to_char(lower(during) at time zone 'UTC', 'MM-DD HH24:MI') as from,
      to_char(upper(during) at time zone 'UTC', 'MM-DD HH24:MI') as to, version
      from bookings where visit_id = $1 order by created_at`,
    [visitId],
  )
  return rows as { status: string; from: string; to: string; version: number }[]
}

const stampOf = async ({ database }: VisitWorld, visitId: string) => {
  const { rows } = await database.read.$client.query('select zone_data_version from visits where id = $1', [
    visitId,
  ])
  return (rows[0] as { zone_data_version: string }).zone_data_version
}

/** An accepted visit with the guest ready. */
async function readyVisit(world: VisitWorld, change: object) {
  const visit = done(await world.propose(change)).data as { id: string; windows: { id: string }[] }
  done(await world.accept(visit))
  return { id: visit.id, participantId: await world.participantIn(visit.id, 'ready') }
}

t.test(
  'when zone rules change, a confirmed visit keeps its local time, and instants and bookings follow',
  async (t) => {
    const world = await visitWorld(t)
    const { read, confirm, host, visitor, stranger, ask, entriesOf, database } = world
    const { id } = await readyVisit(world, { windows: [inNovember] })
    for (const { token } of [host, visitor]) done(await confirm(id, token))
    const before = (await read(id)).data
    t.match(before, { startsAt: '2020-11-06T08:00:00.000Z', startsAtLocal: '2020-11-06T09:00+01:00' })

    await retime(world, endlessSummer)

    const after = (await read(id)).data
    const times = {
      startsAt: '2020-11-06T07:00:00.000Z',
      endsAt: '2020-11-10T15:00:00.000Z',
      startsAtLocal: '2020-11-06T09:00+02:00',
      endsAtLocal: '2020-11-10T17:00+02:00',
    }
    t.match(after, {
      status: 'confirmed',
      version: before['version'] + 1,
      windowId: before['windowId'],
      ...times,
    })
    t.match(after['windows'], [times])
    t.same(after['confirmedBy'], ['host', 'visitor'])
    t.notOk(after['allowedMoves'].includes('retime'), 'nobody can ask for it')
    t.same(await bookingsOf(world, id), [
      { status: 'confirmed', from: '11-06 07:00', to: '11-10 15:00', version: 4 },
    ])
    for (const { token } of [host, visitor]) {
      const history = (await ask('GET', `/v1/visits/${id}/transitions`, { token })).data['data']
      t.match(history.at(-1), {
        move: 'retime',
        from: 'confirmed',
        to: 'confirmed',
        by: 'system',
        details: {
          zoneData: { before: zoneRules.version, after: '2999a' },
          expectedElsewhere: 0,
          windows: [
            {
              windowId: before['windowId'],
              start: { shiftSeconds: -hour, reading: 'once' },
              end: { shiftSeconds: -hour, reading: 'once' },
            },
          ],
        },
      })
      t.same(history[0].details, {}, 'other moves tell nothing more')
    }
    t.equal((await ask('GET', `/v1/visits/${id}/transitions`, { token: stranger.token })).statusCode, 404)
    const entry = (await entriesOf(id)).at(-1)
    t.match(entry, { type: 'visit.moved', actorKind: 'system', subjectVersion: after['version'] })
    t.notMatch(JSON.stringify(entry?.details), world.guest.delegateId, 'it names nobody')
    t.notMatch(JSON.stringify(entry?.details), /2020-|\d:\d/, 'and tells no times')
    const { rows } = await database.read.$client.query(
      `select subject_version from ledger where type = 'booking.retimed'`,
    )
    t.same(rows, [{ subject_version: 4 }])
  },
)

t.test(
  'a repeated retiming, or one without a change, only stores the release of the zone data',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, read, entriesOf } = world
    const id = await visitIn('confirmed')
    const before = await read(id)
    const entries = (await entriesOf(id)).length
    const newer = { ...zoneRules, version: '2999b' }

    await retime(world, newer)
    await retime(world, newer)
    await retime(world, endlessSummer)

    const after = await read(id)
    t.equal(await stampOf(world, id), '2999b', 'an older release moves nothing back')
    t.equal(after.headers.etag, before.headers.etag)
    t.same(after.data, before.data)
    t.equal((await entriesOf(id)).length, entries)
  },
)

t.test('retiming moves all offered windows, and lists find them at the new instants', async (t) => {
  const world = await visitWorld(t)
  const { propose, read, ask, host } = world
  const { id } = done(await propose({ windows: [overTheChange, inNovember] })).data

  await retime(world, endlessSummer)

  const { windows, version } = (await read(id)).data
  t.match(windows, [
    { startsAt: '2020-10-23T07:00:00.000Z', endsAt: '2020-10-27T15:00:00.000Z' },
    { startsAt: '2020-11-06T07:00:00.000Z', endsAt: '2020-11-10T15:00:00.000Z' },
  ])
  t.equal(version, 2)
  const search = 'from=2020-11-10T15:00:00Z&to=2020-12-01T00:00:00Z'
  t.same((await ask('GET', `/v1/visits?${search}`, { token: host.token })).data.data, [])
})

t.test('retiming does not change times in the past or visits that are over', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, read, travelTo, sweep } = world
  const id = await visitIn('confirmed')
  const reported = await visitIn('reported', await delegateOf(world.house, world.visitor))
  const untouched = (await read(reported)).data
  travelTo('2020-10-24T07:00:00.000Z')
  await sweep('visits.start')

  await retime(world, endlessSummer)

  t.match((await read(id)).data, {
    status: 'in_progress',
    startsAt: '2020-10-23T07:00:00.000Z',
    endsAt: '2020-10-27T15:00:00.000Z',
    startsAtLocal: '2020-10-23T09:00+02:00',
    endsAtLocal: '2020-10-27T17:00+02:00',
  })
  t.match(await bookingsOf(world, id), [{ status: 'confirmed', from: '10-23 07:00', to: '10-27 15:00' }])
  t.same((await read(reported)).data, untouched)
})

t.test('of two concurrent workers, one retimes a visit', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, read, entriesOf } = world
  const id = await visitIn('confirmed')
  const { version } = (await read(id)).data

  await Promise.all([1, 2, 3].map(() => retime(world, endlessSummer)))

  t.equal((await read(id)).data.version, version + 1)
  t.equal((await entriesOf(id)).filter(({ move }) => move === 'retime').length, 1)
})

t.test(
  'a participant who is booked elsewhere at the new time is no longer ready, and the visit stays confirmed',
  async (t) => {
    const world = await visitWorld(t)
    const { confirm, read, ask, host, visitor, reschedule, moveParticipant } = world
    const here = await readyVisit(world, {
      windows: [{ startsAt: '2020-11-06T09:00', endsAt: '2020-11-06T12:00' }],
    })
    for (const { token } of [host, visitor]) done(await confirm(here.id, token))
    const early = { startsAt: '2020-11-06T06:00', endsAt: '2020-11-06T08:00' }
    const there = await readyVisit(world, { timeZone: 'UTC', windows: [early] })

    await retime(world, endlessSummer)

    t.match((await read(here.id)).data, { status: 'confirmed', startsAt: '2020-11-06T07:00:00.000Z' })
    t.match(await bookingsOf(world, here.id), [{ status: 'released' }])
    t.match(await bookingsOf(world, there.id), [{ status: 'held', from: '11-06 06:00', to: '11-06 08:00' }])
    const participant = await ask('GET', `/v1/visit-participants/${here.participantId}`, {
      token: visitor.token,
    })
    t.match(participant.data, { status: 'agreed', booking: null })
    const history = (await ask('GET', `/v1/visits/${here.id}/transitions`, { token: host.token })).data[
      'data'
    ]
    t.equal(history.at(-1).details.expectedElsewhere, 1)
    t.equal((await moveParticipant(here.participantId, 'get_ready', visitor.token)).statusCode, 409)
    t.equal((await reschedule(here.id, host.token)).statusCode, 201, 'the way out')
  },
)

for (const [hours, from] of [
  [2, '07:00'],
  [0, '09:00'],
] as const) {
  t.test(
    `consecutive visits of one delegate stay booked when all are retimed to begin at ${from} UTC`,
    async (t) => {
      const world = await visitWorld(t)
      const day = ['09:00', '11:00', '13:00', '15:00', '17:00']
      const ids: string[] = []
      for (const [i, time] of day.slice(0, -1).entries()) {
        const window = { startsAt: `2020-11-06T${time}`, endsAt: `2020-11-06T${day[i + 1]}` }
        ids.push((await readyVisit(world, { windows: [window] })).id)
      }

      await retime(world, inStuttgart('2999a', hours))

      const all = (await Promise.all(ids.map((id) => bookingsOf(world, id)))).flat()
      t.same(
        all.map(({ status }) => status),
        ['held', 'held', 'held', 'held'],
      )
      t.equal(all[0]?.from, `11-06 ${from}`)
      t.same(
        all.slice(1).map((booking) => booking.from),
        all.slice(0, -1).map((booking) => booking.to),
      )
    },
  )
}

t.test('a visit without a stored release of the zone data is retimed', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, database, read, ask, host } = world
  const id = await visitIn('accepted')
  await database.transaction((tx) =>
    tx.$client.query(
      `update visits set zone_data_version = '', ends_at = ends_at - interval '1 hour', span_ends_at = span_ends_at - interval '1 hour',
        windows = jsonb_set(windows, '{0,endsAt}', '"2020-10-27T15:00:00.000Z"')`,
    ),
  )

  await retime(world, zoneRules)

  t.match((await read(id)).data, {
    endsAt: '2020-10-27T16:00:00.000Z',
    endsAtLocal: '2020-10-27T17:00+01:00',
  })
  t.equal(await stampOf(world, id), zoneRules.version)
  const history = (await ask('GET', `/v1/visits/${id}/transitions`, { token: host.token })).data['data']
  t.same(history.at(-1).details.zoneData, { before: null, after: zoneRules.version })
})

t.test('a visit that an older version of the service wrote is retimed too', async (t) => {
  const world = await visitWorld(t)
  const { propose, database, read } = world
  const { id } = done(await propose({ windows: [inNovember] })).data
  await database.transaction((tx) =>
    tx.$client.query(
      `update visits set zone_data_version = '', windows = jsonb_build_array(windows -> 0 #- '{agreedStartsAt}' #- '{agreedEndsAt}')`,
    ),
  )

  await retime(world, endlessSummer)

  t.match((await read(id)).data['windows'], [{ startsAt: '2020-11-06T07:00:00.000Z' }])
  t.equal(await stampOf(world, id), '2999a')
})

t.test('a worker retimes visits when it starts', async (t) => {
  const world = await visitWorld(t)
  const { propose, database, databaseUrl, house } = world
  const { id } = done(await propose()).data
  const failures: Error[] = []

  const worker = await startJobs({
    url: databaseUrl,
    database,
    clock: () => house.now(),
    jobs: visitJobsWith(house.vault, { ...zoneRules, version: '2999c' }).filter(({ atStart }) => atStart),
    work: true,
    onError: (error) => failures.push(error),
  })
  t.teardown(() => worker.stop())

  while ((await stampOf(world, id)) !== '2999c');
  t.same(failures, [])
  t.ok(jobs.some(({ name }) => name === 'visits.retime'))
})
