import { randomUUID } from 'node:crypto'
import t from 'tap'
import { eq } from 'drizzle-orm'
import { statesOf } from '../../src/platform/lifecycle/lifecycle.ts'
import { visitLifecycle } from '../../src/visits/lifecycle.ts'
import { visitReports } from '../../src/visits/reports/tables.ts'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'

t.test('a visit becomes reported when both sides have reported', async (t) => {
  const { visitIn, report, read, ask, host, visitor, entriesOf } = await visitWorld(t)
  const id = await visitIn('completed')

  const first = await report(id, visitor.token)
  const between = (await read(id)).data
  const second = await report(id, host.token)

  t.equal(first.statusCode, 201, first.body)
  t.match(first.data, { visitId: id, side: 'visitor', text: 'We met.', language: 'en', personDays: 10 })
  t.match(between, { status: 'completed', reportedBy: ['visitor'], allowedMoves: [] })
  t.equal(second.statusCode, 201)
  t.match((await read(id)).data, { status: 'reported', reportedBy: ['visitor', 'host'] })
  const listed = (await ask('GET', `/v1/visits/${id}/reports`, { token: host.token })).data
  t.same(listed, { data: [first.data, second.data], nextCursor: null })
  t.match((await entriesOf(id)).slice(-2), [
    { type: 'visit.report_given', move: null, details: { side: 'visitor' } },
    { type: 'visit.report_given', move: 'report', toStatus: 'reported', details: { side: 'host' } },
  ])
})

t.test('each side reports on a visit once, also with two concurrent reports', async (t) => {
  const { visitIn, report, ask, host } = await visitWorld(t)
  const id = await visitIn('completed')

  const answers = await Promise.all([report(id, host.token), report(id, host.token)])
  const late = await report(id, host.token)

  t.same(answers.map((answer) => answer.statusCode).sort(), [201, 409])
  t.equal(late.data.code, 'already_reported')
  t.equal((await ask('GET', `/v1/visits/${id}/reports`, { token: host.token })).data.data.length, 1)
})

t.test('of two concurrent reports by two people of one side, one succeeds', async (t) => {
  const { visitIn, report, read, house, host, visitor, database } = await visitWorld(t)
  const id = await visitIn('completed')
  const second = await delegateOf(house, host, { powers: ['visit'] })

  const answers = await Promise.all([host, second, visitor].map(({ token }) => report(id, token)))

  t.equal(answers[2]?.statusCode, 201)
  t.same(
    answers
      .slice(0, 2)
      .map((answer) => answer.statusCode)
      .sort(),
    [201, 409],
  )
  t.same((await read(id)).data['status'], 'reported')
  const { rows } = await database.read.$client.query('select side from visit_reports order by side')
  t.same(rows, [{ side: 'host' }, { side: 'visitor' }])
})

t.test('either side can report on a visit only after its end', async (t) => {
  const { visitIn, report, house, visitor, host, ask } = await visitWorld(t)
  const unfinished = statesOf(visitLifecycle).filter(
    (status) => status !== 'completed' && status !== 'reported',
  )

  for (const status of unfinished) {
    const id = await visitIn(status, await delegateOf(house, visitor))
    for (const { token } of [host, visitor]) {
      t.match((await report(id, token)).data, {
        status: 409,
        code: 'move_not_allowed',
        currentStatus: status,
      })
    }
    t.same((await ask('GET', `/v1/visits/${id}/reports`, { token: host.token })).data['data'], [])
  }
})

t.test('an invalid report is refused by name and place', async (t) => {
  const { visitIn, ask, host } = await visitWorld(t)
  const id = await visitIn('completed')
  const good = { text: 'We met.', language: 'en' }
  const cases: [object, string, string][] = [
    [{ ...good, language: 'en-us' }, '/language', 'unknown_language'],
    [{ ...good, text: '  ' }, '/text', 'blank'],
    [{ ...good, personDays: -1 }, '/personDays', 'too_small'],
    [{ ...good, personDays: 1.5 }, '/personDays', 'wrong_type'],
    [{ ...good, names: [] }, '/names', 'unknown_field'],
  ]

  for (const [body, pointer, code] of cases) {
    const refused = await ask('POST', `/v1/visits/${id}/reports`, { token: host.token, body })
    t.equal(refused.statusCode, 422, pointer)
    t.match(refused.data.errors, [{ pointer, code }])
  }
})

t.test('reporting twice with the same Idempotency-Key creates one report', async (t) => {
  const { visitIn, ask, host } = await visitWorld(t)
  const id = await visitIn('completed')
  const headers = { 'idempotency-key': randomUUID() }
  const request = { token: host.token, headers, body: { text: 'We met.', language: 'en' } }

  const first = await ask('POST', `/v1/visits/${id}/reports`, request)
  const again = await ask('POST', `/v1/visits/${id}/reports`, request)

  t.equal(again.statusCode, 201)
  t.same(again.data, first.data)
})

t.test('the database refuses to change or delete a report', async (t) => {
  const { visitIn, database } = await visitWorld(t)
  const id = await visitIn('reported')
  const ofVisit = eq(visitReports.visitId, id)

  await t.rejects(database.transaction((tx) => tx.update(visitReports).set({ text: 'No.' }).where(ofVisit)))
  await t.rejects(database.transaction((tx) => tx.delete(visitReports).where(ofVisit)))
})
