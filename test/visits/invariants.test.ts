import t from 'tap'
import { sql, type SQL } from 'drizzle-orm'
import { absentId } from '../fixtures/unions.ts'
import { delegateOf, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { pactIn } from '../fixtures/world.ts'

/** Returns the constraint, or the SQLSTATE, with which the database refuses the statement; rolls everything back. */
const refusalOf = ({ database }: VisitWorld, statement: SQL): Promise<string> =>
  database
    .transaction(async (tx) => {
      await tx.execute(statement)
      throw new Error('was not refused', { cause: { constraint: 'none' } })
    })
    .catch(({ cause }: { cause: { constraint?: string; code: string } }) => cause.constraint ?? cause.code)

t.test('the database refuses a visit with inconsistent columns', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, visitor, stranger } = world
  const statuses = ['proposed', 'accepted', 'confirmed', 'completed', 'reported'] as const
  const ids: Record<string, string> = {}
  for (const status of statuses) ids[status] = await visitIn(status, await delegateOf(world.house, visitor))
  const set = (status: (typeof statuses)[number], change: string) =>
    sql`update visits set ${sql.raw(change)} where id = ${ids[status]}`
  const cases: [string, SQL][] = [
    ['visits_window_is_chosen', set('accepted', 'window_id = null, starts_at = null, ends_at = null')],
    ['visits_window_is_chosen', set('confirmed', "status = 'rescheduling', confirmed_by = '{}'")],
    ['visits_window_is_whole', set('accepted', 'starts_at = null')],
    ['visits_window_was_offered', set('accepted', `window_id = '${absentId}'`)],
    ['visits_span_is_the_window', set('accepted', "span_ends_at = span_ends_at + interval '1 hour'")],
    ['visits_span', set('proposed', 'span_ends_at = span_starts_at')],
    ['visits_span_is_short', set('proposed', "span_ends_at = span_starts_at + interval '792 days'")],
    ['visits_windows', set('proposed', "windows = '[]'")],
    ['visits_windows', set('proposed', "windows = '[1, 2, 3, 4, 5, 6]'")],
    ['visits_windows', set('proposed', "windows = '1'")],
    ['visits_third_country', set('proposed', "mode = 'third_country', country = null")],
    ['visits_country', set('proposed', "country = 'de'")],
    ['visits_confirmed_by', set('confirmed', "confirmed_by = '{host,host}'")],
    ['visits_confirmed_by', set('confirmed', "confirmed_by = '{host,guest}'")],
    ['visits_confirmed_by_both', set('confirmed', "confirmed_by = '{host}'")],
    ['visits_confirmed_by_both', set('accepted', "confirmed_by = '{host,visitor}'")],
    ['visits_confirmed_by_both', set('proposed', "confirmed_by = '{host}'")],
    ['visits_reported_by', set('reported', "reported_by = '{visitor,visitor}'")],
    ['visits_reported_by_both', set('reported', "reported_by = '{visitor}'")],
    ['visits_reported_by_both', set('completed', "reported_by = '{host,visitor}'")],
    ['visits_reported_by_both', set('confirmed', "reported_by = '{host}'")],
    ['visits_two_organisations', set('proposed', 'visitor_id = host_id')],
    ['visits_host_is_party', set('proposed', `host_id = '${stranger.id}'`)],
    ['visits_visitor_is_party', set('proposed', `visitor_id = '${stranger.id}'`)],
    // A visit carries the title of its pact, and there is none.
    ['23502', set('proposed', `pact_id = '${absentId}'`)],
  ]

  for (const [constraint, statement] of cases) {
    t.equal(await refusalOf(world, statement), constraint, constraint)
  }
  const harmless = set('completed', "reported_by = '{host}'")
  t.equal(await refusalOf(world, harmless), 'none', 'what is whole is not refused')
})

t.test('the database refuses a return visit that does not match the first visit', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, propose, host, visitor } = world
  const first = await visitIn('completed')
  const same = await visitIn('proposed')
  const back = { hostId: visitor.id, visitorId: host.id, organisationId: host.id }
  const underAnother = await propose(
    { ...back, pactId: await pactIn(world.house, 'active', { purpose: 'exchange' }) },
    host.token,
  )
  const returns = (id: string) => sql`update visits set returns_visit_id = ${first} where id = ${id}`

  t.equal(await refusalOf(world, returns(same)), 'visits_returns_the_other_direction')
  t.equal(await refusalOf(world, returns(underAnother.data['id'])), 'visits_returns_the_other_direction')
  const returning = await propose({ ...back, returnsVisitId: first }, host.token)
  const second = await propose(back, host.token)
  t.equal(returning.statusCode, 201)
  t.equal(await refusalOf(world, returns(second.data['id'])), 'visits_returned_once')
})

t.test(
  'the database refuses a booking that does not match its participant, and a participant without a side',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, participantIn, house, visitor } = world
    const [here, there] = [await visitIn('accepted'), await visitIn('accepted')]
    const other = await delegateOf(house, visitor)
    const participant = await participantIn(here, 'ready')
    const absentee = await participantIn(there, 'agreed', other)
    const booking = (change: SQL) => sql`update bookings set ${change} where participant_id = ${participant}`
    const cases: [string, SQL][] = [
      ['bookings_of_participant', booking(sql`visit_id = ${there}`)],
      ['bookings_of_participant', booking(sql`delegate_id = ${visitor.delegateId}`)],
      ['bookings_of_participant', booking(sql`participant_id = gen_random_uuid()`)],
      [
        'bookings_one_live',
        sql`update bookings set participant_id = ${participant}, visit_id = ${here},
      delegate_id = (select delegate_id from visit_participants where id = ${participant})
      where participant_id = ${absentee}`,
      ],
      ['bookings_hold_ends', booking(sql`hold_until = null`)],
      ['22P02', sql`update visit_participants set side = 'guest' where id = ${participant}`],
      ['23502', sql`update visit_participants set side = null where id = ${participant}`],
      [
        'visit_participants_agreed',
        sql`update visit_participants set agreed_at = null where id = ${participant}`,
      ],
      [
        'bookings_of_participant',
        sql`update visit_participants set visit_id = ${there} where id = ${participant}`,
      ],
    ]

    for (const [constraint, statement] of cases) {
      t.equal(await refusalOf(world, statement), constraint, constraint)
    }
  },
)
