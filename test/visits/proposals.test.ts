import { randomUUID } from 'node:crypto'
import t from 'tap'
import { sql } from 'drizzle-orm'
import { absentId } from '../fixtures/unions.ts'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'
import { pactIn } from '../fixtures/world.ts'

t.test('either side can propose a visit, and the ledger records it', async (t) => {
  const { propose, host, visitor, read, entriesOf } = await visitWorld(t)

  const proposed = await propose()
  const offered = await propose({ organisationId: host.id }, host.token)

  t.equal(proposed.statusCode, 201, proposed.body)
  t.equal(proposed.headers.location, proposed.data.url)
  t.match(proposed.data, {
    status: 'proposed',
    version: 1,
    offeredBy: 'visitor',
    host: { id: host.id, name: 'Metal union of Stuttgart' },
    visitor: { id: visitor.id },
    pact: { name: 'Pact of mutual support' },
    windowId: null,
    startsAt: null,
    confirmedBy: [],
    allowedMoves: ['cancel'],
    needs: { interpreterLanguages: [], visa: false, lodging: false, accessibility: null },
  })
  t.equal(offered.data.offeredBy, 'host')
  t.same((await read(proposed.data.id, host.token)).data.allowedMoves, ['accept', 'decline', 'cancel'])
  const entries = await entriesOf(proposed.data.id)
  t.equal(entries.length, 1)
  t.match(entries[0], {
    type: 'visit.proposed',
    subjectVersion: 1,
    organisationId: visitor.id,
    actorId: visitor.delegateId,
  })
})

t.test('a visit across a change of the clocks keeps its local times', async (t) => {
  const { propose, read } = await visitWorld(t)
  const before = { startsAt: '2020-10-24T09:00', endsAt: '2020-10-24T17:00' }
  const after = { startsAt: '2020-10-25T09:00', endsAt: '2020-10-25T17:00' }
  const twice = { startsAt: '2020-10-25T02:30+01:00', endsAt: '2020-10-25T09:00' }
  const over = { startsAt: '2020-10-23T09:00', endsAt: '2020-10-27T09:00' }

  const { id } = (await propose({ windows: [before, after, twice, over] })).data

  const windows = (await read(id)).data.windows.map(({ id: _id, ...times }: { id: string }) => times)
  t.same(windows, [
    {
      startsAt: '2020-10-24T07:00:00.000Z',
      endsAt: '2020-10-24T15:00:00.000Z',
      startsAtLocal: '2020-10-24T09:00+02:00',
      endsAtLocal: '2020-10-24T17:00+02:00',
    },
    {
      startsAt: '2020-10-25T08:00:00.000Z',
      endsAt: '2020-10-25T16:00:00.000Z',
      startsAtLocal: '2020-10-25T09:00+01:00',
      endsAtLocal: '2020-10-25T17:00+01:00',
    },
    {
      startsAt: '2020-10-25T01:30:00.000Z',
      endsAt: '2020-10-25T08:00:00.000Z',
      startsAtLocal: '2020-10-25T02:30+01:00',
      endsAtLocal: '2020-10-25T09:00+01:00',
    },
    {
      startsAt: '2020-10-23T07:00:00.000Z',
      endsAt: '2020-10-27T08:00:00.000Z',
      startsAtLocal: '2020-10-23T09:00+02:00',
      endsAtLocal: '2020-10-27T09:00+01:00',
    },
  ])
})

t.test('a proposal of a visit gets all faults of all its windows in one answer', async (t) => {
  const { propose } = await visitWorld(t)
  const good = '2020-10-01T09:00'

  const refused = await propose({
    windows: [
      { startsAt: good, endsAt: '2020-10-01T08:00' },
      { startsAt: '2020-08-20T11:59', endsAt: good },
      { startsAt: '2021-03-28T02:30', endsAt: '2021-03-28T09:00' },
      { startsAt: '2020-10-25T02:30', endsAt: '2020-10-25T02:30+03:00' },
      { startsAt: '2021-02-30T09:00', endsAt: '2021-03-02T09:00' },
    ],
  })
  const faraway = await propose({
    windows: [
      { startsAt: '2022-09-01T09:00', endsAt: '2022-09-02T09:00' },
      { startsAt: good, endsAt: '2020-12-01T09:00' },
    ],
  })

  const faults = (answer: typeof refused) =>
    answer.data.errors.map((fault: { pointer: string; code: string }) => [fault.pointer, fault.code])
  t.equal(refused.statusCode, 422, refused.body)
  t.same(faults(refused), [
    ['/windows/0/endsAt', 'ends_before_it_starts'],
    ['/windows/1/startsAt', 'in_the_past'],
    ['/windows/2/startsAt', 'nonexistent_local_time'],
    ['/windows/3/startsAt', 'ambiguous_local_time'],
    ['/windows/3/endsAt', 'wrong_offset'],
    ['/windows/4/startsAt', 'no_such_date'],
  ])
  t.match(refused.data.errors[3].detail, '2020-10-25T02:30+02:00 or 2020-10-25T02:30+01:00')
  t.same(faults(faraway), [
    ['/windows/0/startsAt', 'too_far_ahead'],
    ['/windows/1/endsAt', 'too_long'],
  ])
})

t.test('the longest allowed span of windows is stored, also across a change of the clocks', async (t) => {
  const { propose } = await visitWorld(t, { now: '2020-09-05T10:00:00.000Z' })

  const proposed = await propose({
    windows: [
      { startsAt: '2020-09-05T12:01', endsAt: '2020-09-06T09:00' },
      { startsAt: '2022-09-05T12:00', endsAt: '2022-11-04T12:00' },
    ],
  })

  t.equal(proposed.statusCode, 201, proposed.body)
  const [first, last] = proposed.data.windows
  const days = (Date.parse(last.endsAt) - Date.parse(first.startsAt)) / 86_400_000
  t.ok(days > 790, `${days} days of 24 hours`)
})

t.test('an invalid proposal of a visit is refused by name and writes nothing', async (t) => {
  const { propose, host, visitor, stranger, database } = await visitWorld(t)
  const window = { startsAt: '2020-10-23T09:00', endsAt: '2020-10-27T17:00' }
  const cases: [object, string, string][] = [
    [{ timeZone: 'Europe/Stuttgart' }, '/timeZone', 'unknown_time_zone'],
    [{ timeZone: '+01:00' }, '/timeZone', 'unknown_time_zone'],
    [{ country: 'XX' }, '/country', 'unknown_country'],
    [{ mode: 'third_country', country: undefined }, '/country', 'required'],
    [{ mode: 'by_letter' }, '/mode', 'unknown_value'],
    [{ windows: [] }, '/windows', 'too_small'],
    [{ windows: Array.from({ length: 6 }, () => window) }, '/windows', 'too_big'],
    [{ windows: [{ ...window, startsAt: '2020-10-23 09:00' }] }, '/windows/0/startsAt', 'invalid_format'],
    [{ windows: [{ ...window, startsAt: '2020-10-23T07:00Z' }] }, '/windows/0/startsAt', 'invalid_format'],
    [{ hostId: visitor.id }, '/visitorId', 'same_organisation'],
    [{ organisationId: stranger.id }, '/organisationId', 'not_a_side'],
    [{ hostId: stranger.id }, '/hostId', 'not_a_party'],
    [{ purpose: 'a\u0000b' }, '/purpose', 'forbidden_character'],
    [{ needs: { visa: true, names: 'X' } }, '/needs/names', 'unknown_field'],
    [{ needs: { interpreterLanguages: ['xx-none'] } }, '/needs/interpreterLanguages/0', 'unknown_language'],
    [{ needs: { interpreterLanguages: ['ru', 'ru'] } }, '/needs/interpreterLanguages/1', 'duplicate'],
    [{ pactId: randomUUID() }, '/pactId', 'unknown_pact'],
    [{ returnsVisitId: randomUUID() }, '/returnsVisitId', 'unknown_visit'],
    [{ windows: [window, { ...window, startsAt: '2020-10-23T09:00+02:00' }] }, '/windows/1', 'duplicate'],
    [{ timeZone: 'EST' }, '/timeZone', 'unknown_time_zone'],
    [{ timeZone: 'Etc/GMT-1' }, '/timeZone', 'unknown_time_zone'],
  ]

  for (const [change, pointer, code] of cases) {
    const refused = await propose(change)
    t.equal(refused.statusCode, 422, `${pointer} ${refused.body}`)
    t.match(refused.data.errors, [{ pointer, code }], pointer)
  }

  const { rows } = await database.read.execute<{ visits: number }>(
    sql`select count(*)::int as visits from visits`,
  )
  t.equal(rows[0]?.visits, 0)
  t.notMatch((await propose({ hostId: stranger.id }, host.token)).body, 'Oporto')
})

t.test('a visit requires a pact in force of which both sides are parties', async (t) => {
  const { propose, house, pactId, host, database } = await visitWorld(t)
  const unsigned = await pactIn(house, 'signing', { purpose: 'exchange' })
  const left = sql`update pact_parties set standing = 'declined', declined_number = 1, declined_at = now(), declined_version = 2
    where pact_id = ${pactId} and organisation_id = ${host.id}`

  const early = await propose({ pactId: unsigned })
  await database.transaction((tx) => tx.execute(left))
  const late = await propose()

  t.equal(early.statusCode, 409)
  t.equal(early.data.code, 'pact_not_active')
  t.equal(late.statusCode, 422)
  t.match(late.data.errors, [{ pointer: '/hostId', code: 'not_a_party' }])
})

t.test('proposing a visit under a foreign pact reveals nothing about the pact', async (t) => {
  const { ask, house, proposal, propose, stranger, visitor, operatorToken } = await visitWorld(t)
  const powerless = await delegateOf(house, visitor)
  const body = { ...proposal(), hostId: stranger.id, organisationId: stranger.id }

  const foreign = await ask('POST', '/v1/visits', { token: stranger.token, body })
  const missing = await ask('POST', '/v1/visits', {
    token: stranger.token,
    body: { ...body, pactId: randomUUID() },
  })
  const anonymous = await ask('POST', '/v1/visits', { body: proposal() })

  t.equal(foreign.statusCode, 422)
  t.same(foreign.data['errors'], [
    { pointer: '/pactId', code: 'unknown_pact', detail: 'is not a pact that you can see' },
  ])
  t.same({ ...foreign.data, requestId: '' }, { ...missing.data, requestId: '' })
  t.equal(anonymous.statusCode, 401)
  t.equal((await propose({}, powerless.token)).statusCode, 403)
  t.equal((await propose({}, operatorToken)).statusCode, 403)
  t.equal((await propose({ organisationId: body.hostId, hostId: stranger.id })).statusCode, 403)
})

t.test('a proposal of a visit gets the faults of pact, return and windows in one answer', async (t) => {
  const { propose } = await visitWorld(t)
  const windows = [{ startsAt: '2020-10-23T09:00', endsAt: '2020-10-23T08:00' }]

  const refused = await propose({ pactId: absentId, returnsVisitId: absentId, windows })

  t.match(refused.data, {
    status: 422,
    errors: [{ pointer: '/pactId' }, { pointer: '/returnsVisitId' }, { pointer: '/windows/0/endsAt' }],
  })
})

t.test('proposing twice with the same Idempotency-Key creates one visit', async (t) => {
  const { ask, proposal, visitor, database } = await visitWorld(t)
  const headers = { 'idempotency-key': randomUUID() }
  const request = { token: visitor.token, body: proposal(), headers }

  const [first, second] = [await ask('POST', '/v1/visits', request), await ask('POST', '/v1/visits', request)]

  t.equal(second.statusCode, 201)
  t.same(second.data, first.data)
  t.equal(second.headers['idempotency-replayed'], 'true')
  const { rows } = await database.read.execute<{ visits: number }>(
    sql`select count(*)::int as visits from visits`,
  )
  t.equal(rows[0]?.visits, 1)
})
