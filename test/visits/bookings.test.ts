import t from 'tap'
import { sql } from 'drizzle-orm'
import {
  delegateOf,
  friday,
  inNovember,
  overTheChange,
  visitWorld,
  type VisitWorld,
} from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

type Offered = { id: string; windows: { id: string }[] }

const stateOf = async ({ ask, visitor }: VisitWorld, id: string) =>
  (await ask('GET', `/v1/visit-participants/${id}`, { token: visitor.token })).data

const bookingOf = async (world: VisitWorld, id: string) => (await stateOf(world, id))['booking']

t.test('a delegate who agrees is booked as soon as the visit has dates', async (t) => {
  const world = await visitWorld(t)
  const { propose, accept, participantIn, database } = world
  const visit = (await propose()).data
  const participant = await participantIn(visit.id, 'agreed')
  const before = await bookingOf(world, participant)

  await accept({ id: visit.id, windows: visit.windows })

  t.equal(before, null)
  t.same(await bookingOf(world, participant), { status: 'held', holdUntil: '2020-08-27T10:00:00.000Z' })
  const { rows } = await database.read.execute<{ during: string }>(sql`select during::text from bookings`)
  t.same(rows, [{ during: '["2020-10-23 07:00:00+00","2020-10-27 16:00:00+00")' }])
})

t.test('only the own side sees by name which participant is already booked elsewhere', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, participantIn, ask, host } = world
  const participant = await participantIn(await visitIn('accepted'), 'agreed')

  const seen = await ask('GET', `/v1/visit-participants/${participant}`, { token: host.token })

  t.match(seen.data, { status: 'agreed', booking: null }, 'as if it were not held')
  t.match(await bookingOf(world, participant), { status: 'held' })
})

t.test(
  'of twenty concurrent visits that need the same delegate at the same time, one books them',
  async (t) => {
    const world = await visitWorld(t)
    const { propose, accept, nominate, moveParticipant, guest, database, ask } = world
    const participants: string[] = []
    for (let day = 1; day <= 20; day++) {
      const window = { startsAt: `2020-10-${String(day).padStart(2, '0')}T09:00`, endsAt: '2020-10-21T17:00' }
      const visit = done(await propose({ windows: [window] })).data
      done(await accept({ id: visit.id, windows: visit.windows }))
      participants.push(done(await nominate(visit.id, guest.delegateId)).data['id'])
    }

    const answers = await Promise.all(participants.map((id) => moveParticipant(id, 'agree', guest.token)))

    const winners = answers.filter((answer) => answer.statusCode === 200)
    const losers = answers.filter((answer) => answer.statusCode === 409)
    t.equal(winners.length, 1)
    t.equal(losers.length, 19)
    t.ok(losers.every((answer) => answer.data['code'] === 'delegate_double_booked'))
    t.equal(winners[0]?.data['booking'].status, 'held')
    const { rows } = await database.read.execute(sql`select 1 from bookings where status <> 'released'`)
    t.equal(rows.length, 1)
    const loser = participants[answers.findIndex((answer) => answer.statusCode === 409)]
    const after = await ask('GET', `/v1/visit-participants/${loser}`, { token: guest.token })
    t.match(after.data, { status: 'nominated', version: 1, booking: null })
  },
)

t.test('a delegate can be booked for a visit that begins when another ends', async (t) => {
  const world = await visitWorld(t)
  const { propose, accept, participantIn } = world
  const inVisit = async (window: object) => {
    const visit = done(await propose({ windows: [window] })).data
    done(await accept({ id: visit.id, windows: visit.windows }))
    return participantIn(visit.id, 'agreed')
  }

  await inVisit(overTheChange)
  const next = await inVisit({ startsAt: overTheChange.endsAt, endsAt: '2020-10-29T17:00' })

  t.equal((await bookingOf(world, next)).status, 'held')
})

t.test(
  'a withdrawal releases the booking, and a cancelled or rescheduled visit releases all of them',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, participantIn, moveParticipant, move, reschedule, guest, visitor, host } = world
    const held = async () => {
      const id = await visitIn('accepted')
      return { id, participant: await participantIn(id, 'visa_pending') }
    }

    // Each succeeds only because the one before has released the guest.
    const withdrawn = await held()
    await moveParticipant(withdrawn.participant, 'withdraw', guest.token)
    const refused = await held()
    await moveParticipant(refused.participant, 'refuse', visitor.token)
    const cancelled = await held()
    await move(cancelled.id, 'cancel', host.token)
    const moved = await held()
    await reschedule(moved.id, host.token)
    const last = await held()

    for (const { participant } of [withdrawn, refused, cancelled, moved])
      t.equal(await bookingOf(world, participant), null)
    t.equal((await bookingOf(world, last.participant)).status, 'held')
  },
)

t.test(
  'a held booking expires after seven days, and a ready participant must be made ready again',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, participantIn, moveParticipant, sweep, travelTo, read, entriesOf, house, ask, visitor } =
      world
    const id = await visitIn('accepted')
    const ready = await participantIn(id, 'ready')
    const waiting = await participantIn(id, 'visa_pending', await delegateOf(house, visitor))
    const shown = async (participant: string) => {
      const { status, booking } = (
        await ask('GET', `/v1/visit-participants/${participant}`, { token: visitor.token })
      ).data
      return [status, booking?.status]
    }

    travelTo('2020-08-27T09:59:59.999Z')
    await sweep('bookings.expire_holds')
    t.same(
      [await shown(ready), await shown(waiting)],
      [
        ['ready', 'held'],
        ['visa_pending', 'held'],
      ],
    )
    travelTo('2020-08-27T10:00:00.000Z')
    await sweep('bookings.expire_holds')
    await sweep('bookings.expire_holds')

    t.same(
      [await shown(ready), await shown(waiting)],
      [
        ['agreed', undefined],
        ['visa_pending', undefined],
      ],
    )
    t.match((await entriesOf(ready)).at(-1), { move: 'lapse', actorKind: 'system', toStatus: 'agreed' })
    t.equal((await entriesOf(ready)).filter((entry) => entry.move === 'lapse').length, 1)
    const { rows } = await world.database.read.execute(
      sql`select 1 from ledger where type = 'booking.expired'`,
    )
    t.equal(rows.length, 2)
    t.equal((await read(id)).data.status, 'accepted')
    const again = await moveParticipant(ready, 'get_ready', visitor.token)
    t.match(again.data, {
      status: 'ready',
      booking: { status: 'held', holdUntil: '2020-09-03T10:00:00.000Z' },
    })
  },
)

t.test(
  'accepting a window lists the participants who are booked elsewhere, and they are not ready',
  async (t) => {
    const world = await visitWorld(t)
    const { propose, participantIn, confirm, visitIn, guest, visitor, house, host, move, moveParticipant } =
      world
    const free = await delegateOf(house, visitor)
    const elsewhere = await visitIn('confirmed', guest)
    // Offered by the host, so that the choosing side has the busy guest; and once the other way round.
    const byHost = done(await propose({ organisationId: host.id }, host.token)).data as Offered
    const byVisitor = done(await propose()).data as Offered
    const participants = await Promise.all([
      participantIn(byHost.id, 'ready'),
      participantIn(byVisitor.id, 'ready'),
    ])
    const freeParticipant = await participantIn(byHost.id, 'ready', free)

    const own = await world.accept(byHost, visitor.token)
    const others = await world.accept(byVisitor, host.token)
    const refused = await confirm(byHost.id, visitor.token)
    const refusedOther = await confirm(byVisitor.id, host.token)

    const [participant] = participants
    const url = `/v1/visit-participants/${participant}`
    t.equal(own.statusCode, 201, own.body)
    t.same(own.data['expectedElsewhere'], {
      ofYours: [{ id: participant, name: 'The delegate', url }],
      ofTheOthers: 0,
    })
    t.same(others.data['expectedElsewhere'], { ofYours: [], ofTheOthers: 1 })
    for (const id of participants) {
      t.match((await world.entriesOf(id)).at(-1), {
        move: 'lapse',
        actorKind: 'system',
        organisationId: visitor.id,
      })
      t.match(await stateOf(world, id), { status: 'agreed', booking: null })
    }
    t.match(await stateOf(world, freeParticipant), { status: 'ready', booking: { status: 'held' } })
    t.match(refused.data, { status: 409, code: 'participants_not_ready' })
    t.same(refused.data['errors'], [{ code: 'agreed', detail: `${url} is not ready` }])
    t.match(refusedOther.data, {
      status: 409,
      detail: /^Not ready: 0 of your side, 1 of the other side/,
      errors: [],
    })

    done(await move(elsewhere, 'cancel', host.token))
    done(await moveParticipant(participant, 'get_ready', visitor.token))
    t.equal((await confirm(byHost.id, visitor.token)).statusCode, 201, 'who has become free can come')
  },
)

t.test('a replacement in a confirmed visit gets a confirmed booking at once', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, participantIn, house, visitor } = world
  const id = await visitIn('confirmed')
  const second = await delegateOf(house, visitor)

  const participant = await participantIn(id, 'ready', second)

  t.same(await bookingOf(world, participant), { status: 'confirmed', holdUntil: null })
})

t.test('completing a visit early shortens the bookings of its participants', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, travelTo, sweep, move, propose, accept, participantIn, host, database } = world
  const id = await visitIn('confirmed')
  travelTo('2020-10-24T07:00:00.000Z')
  await sweep('visits.start')

  await move(id, 'complete', host.token)

  const { rows } = await database.read.execute<{ during: string }>(sql`select during::text from bookings`)
  t.same(rows, [{ during: '["2020-10-23 07:00:00+00","2020-10-24 07:00:00+00")' }])
  const next = done(
    await propose({ windows: [{ startsAt: '2020-10-24T10:00', endsAt: '2020-10-24T12:00' }] }),
  ).data
  done(await accept({ id: next.id, windows: next.windows }))
  t.equal((await bookingOf(world, await participantIn(next.id, 'agreed'))).status, 'held')
})

t.test('completing a visit at the moment it begins releases its bookings', async (t) => {
  const { visitIn, at, move, host, database } = await visitWorld(t)
  const id = await visitIn('confirmed')

  const answers = await at(friday, async () => [
    await move(id, 'start', host.token),
    await move(id, 'complete', host.token),
  ])

  t.same(
    answers.map((answer) => answer.statusCode),
    [200, 200],
  )
  const { rows } = await database.read.execute(sql`select status from bookings`)
  t.same(rows, [{ status: 'released' }])
})

t.test('the database refuses bookings that overlap, are empty or never end', async (t) => {
  const { visitIn, participantIn, database, guest } = await visitWorld(t)
  await visitIn('confirmed')
  const other = await visitIn('proposed')
  const participant = await participantIn(other, 'agreed')
  const insert = (during: string) =>
    database.transaction((tx) =>
      tx.execute(sql`insert into bookings (id, created_at, updated_at, status, delegate_id, during, visit_id, participant_id)
        values (gen_random_uuid(), now(), now(), 'confirmed', ${guest.delegateId}, ${during}::tstzrange, ${other}, ${participant})`),
    )
  const constraintOf = async (during: string) =>
    insert(during).then(
      () => 'none',
      (error: { cause: { constraint: string } }) => error.cause.constraint,
    )

  t.equal(await constraintOf('[2020-10-24 00:00Z,2020-10-25 00:00Z)'), 'bookings_no_overlap')
  for (const range of [
    'empty',
    '[2020-11-01 00:00Z,)',
    '[2020-11-01 00:00Z,infinity)',
    '(,2020-08-01 00:00Z)',
  ]) {
    t.equal(await constraintOf(range), 'bookings_finite', range)
  }
  t.equal(await constraintOf('[2020-11-01 00:00Z,2020-11-02 00:00Z]'), 'bookings_finite')
  t.equal(await constraintOf(`[${inNovember.startsAt}Z,${inNovember.endsAt}Z)`), 'none')
})
