import t from 'tap'
import { sql } from 'drizzle-orm'
import { delegateOf, inNovember, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

/** Returns every version of every row of the table without exactly one entry, and its organisation. */
async function untold({ database }: VisitWorld, table: string) {
  const { rows } = await database.read.$client.query(`
    select "row".id, told.version, count(ledger.id)::int as entries, count(ledger.organisation_id)::int as organisations
    from ${table} "row" cross join lateral generate_series(1, "row".version) told (version)
    left join ledger on ledger.subject_id = "row".id and ledger.subject_version = told.version
    group by "row".id, told.version having count(ledger.organisation_id) <> 1 or count(ledger.id) <> 1`)
  return rows
}

t.test(
  'each version of a visit, a participant and a booking has one ledger entry with an organisation',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, participantIn, reschedule, accept, confirm, move, moveParticipant, recall, sweep } =
      world
    const { house, host, visitor, travelTo, at, read } = world
    const spare = () => delegateOf(house, visitor)

    await visitIn('reported')
    await visitIn('declined')
    const cancelled = await visitIn('confirmed', await spare())
    done(await move(cancelled, 'cancel', host.token))
    const moved = await visitIn('accepted')
    const [lapsing, leaving, missing, former] = [await spare(), await spare(), await spare(), await spare()]
    const last = await participantIn(moved, 'ready', lapsing)
    done(
      await moveParticipant(await participantIn(moved, 'visa_pending', leaving), 'withdraw', leaving.token),
    )
    const missed = await participantIn(moved, 'ready', missing)
    await participantIn(moved, 'ready', former)
    done(await reschedule(moved, host.token, [inNovember]))
    done(await accept((await read(moved)).data as { id: string; windows: { id: string }[] }, visitor.token))
    travelTo('2020-08-28T10:00:00.000Z')
    await sweep('bookings.expire_holds')
    for (const id of [last, missed]) done(await moveParticipant(id, 'get_ready', visitor.token))
    done(await recall(former))
    for (const side of [host, visitor]) done(await confirm(moved, side.token))
    await at('2020-11-07T08:00:00.000Z', async () => {
      await sweep('visits.start')
      done(await moveParticipant(last, 'arrive', host.token))
      done(await moveParticipant(missed, 'miss', host.token))
      done(await moveParticipant(last, 'return', host.token))
    })
    await at('2020-11-11T08:00:00.000Z', () => sweep('visits.complete'))

    for (const table of ['visits', 'visit_participants', 'bookings'])
      t.same(await untold(world, table), [], table)
    const { rows } = await world.database.read.$client.query(
      "select distinct type from ledger where object = 'booking' order by type",
    )
    const types = ['confirmed', 'expired', 'held', 'released', 'shortened'].map((what) => `booking.${what}`)
    t.same(
      rows,
      types.map((type) => ({ type })),
      'all that befalls a booking was played',
    )
  },
)

t.test('the ledger entry of a booking refers to visit and participant, and names nobody', async (t) => {
  const { visitIn, participantIn, entriesOf, database, guest, visitor } = await visitWorld(t)
  const visitId = await visitIn('accepted')
  const participantId = await participantIn(visitId, 'agreed')
  const { rows } = await database.read.execute<{ id: string }>(sql`select id from bookings`)

  t.match(await entriesOf(rows[0]?.id ?? ''), [
    {
      type: 'booking.held',
      subjectVersion: 1,
      organisationId: visitor.id,
      actorId: guest.delegateId,
      details: { visitId, participantId },
    },
  ])
})
