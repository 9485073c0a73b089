import t, { type Test } from 'tap'
import { jobs } from '../../src/jobs.ts'
import { answerReminder, linkDeletion, pactExpiry, pactLapse, proposalExpiry } from '../../src/pacts/jobs.ts'
import { startJobs } from '../../src/platform/jobs/queue.ts'
import { ledgerOf } from '../fixtures/unions.ts'
import {
  done,
  draftPact,
  instantAfter,
  offerLink,
  pactIn,
  propose,
  respond,
  terms,
  textOf,
  world,
  type World,
} from '../fixtures/world.ts'

const pactOf = async ({ ask, icog }: World, id: string) =>
  (await ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data

t.test('an open proposal expires after its deadline, and a new one can be made', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')
  const other = await pactIn(house, 'negotiating', { terms: { answerBy: instantAfter(house, 20) } })
  const { proposalId } = await textOf(house, icog, id)
  house.travelTo(instantAfter(house, 10))
  await house.run(proposalExpiry)
  t.equal((await pactOf(house, id)).proposal.status, 'open', 'not before it is over')

  house.travelTo(instantAfter(house, 1))
  await house.run(proposalExpiry)
  await house.run(proposalExpiry)

  t.match(await pactOf(house, id), { status: 'negotiating', version: 3, proposal: { status: 'expired' } })
  t.equal((await pactOf(house, other)).proposal.status, 'open')
  t.match((await ledgerOf(house, proposalId)).at(-1), { type: 'proposal.expired', actor_kind: 'system' })
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.offer_expired', mandate_id: null })
  t.equal((await respond(house, union, id, 'accept')).data.code, 'answer_too_late')
  t.match(await propose(house, union, id), { number: 2, supersedesId: null })
})

t.test(
  'a pact that not all parties sign in time lapses once, and its parties can make another',
  async (t) => {
    const house = await world(t)
    const id = await pactIn(house, 'signing')
    house.travelTo(instantAfter(house, 30))
    await house.run(pactLapse)
    house.travelTo('2026-03-02T10:00:00Z')
    t.equal((await pactOf(house, id)).status, 'signing', 'not on the last day')

    house.travelTo(instantAfter(house, 31))
    await Promise.all([house.run(pactLapse), house.run(pactLapse)])
    house.travelTo('2026-03-02T10:00:00Z')

    t.equal((await pactOf(house, id)).status, 'lapsed')
    const entries = (await ledgerOf(house, id)).filter((entry) => entry.move === 'lapse')
    t.match(entries, [{ from_status: 'signing', to_status: 'lapsed', actor_kind: 'system' }])
    t.equal(entries.length, 1)
    t.ok(await pactIn(house, 'signing'), 'another pact of the kind is possible')
  },
)

t.test('a pact expires on the day after its last day', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'active', {
    terms: { term: { startsOn: '2026-03-03', endsOn: '2026-03-20' } },
  })
  const forever = await pactIn(house, 'active', {
    purpose: 'exchange',
    terms: { term: { startsOn: '2026-03-03', endsOn: null } },
  })
  house.travelTo('2026-03-20T23:59:59Z')
  await house.run(pactExpiry)
  t.equal((await pactOf(house, id)).status, 'active')

  house.travelTo('2026-03-21T00:00:00Z')
  await house.run(pactExpiry)

  t.equal((await pactOf(house, id)).status, 'expired')
  t.equal((await pactOf(house, forever)).status, 'active')
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.expired', move: 'expire', actor_kind: 'system' })
})

t.test('an ended offer link answers 410 for 30 days and is then deleted', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { parties: [house.committee] })
  const { token } = await offerLink(house, id, 1)
  const live = await offerLink(house, id, 90)
  const statusBy = async (secret: string) =>
    (await house.ask('GET', `/v1/pacts/${id}`, { token: secret })).statusCode

  house.travelTo(instantAfter(house, 30))
  await house.run(linkDeletion)
  t.equal(await statusBy(token), 410)
  house.travelTo(instantAfter(house, 2))
  await house.run(linkDeletion)

  t.equal(await statusBy(token), 401)
  t.equal(await statusBy(live.token), 200)
})

t.test(
  'a proposal schedules its reminder three days before the deadline in the same transaction',
  async (t) => {
    const house = await world(t)
    const { icog } = house
    const id = await draftPact(house)
    const body = terms(house, { commitments: [{ kind: 'favour' }] })
    await house.ask('POST', `/v1/pacts/${id}/proposals`, { token: icog.token, body })
    t.same(await remindersOf(house), [], 'no proposal, no reminder')

    const { id: proposalId } = await propose(house, icog, id)
    await propose(house, icog, id, { supersedesId: proposalId, answerBy: instantAfter(house, 2) })

    t.same(
      await remindersOf(house),
      [{ proposalId, at: instantAfter(house, 7) }],
      'none when the date is near',
    )
  },
)

t.test(
  'the reminder of a proposal names the parties that have not answered, and none if the proposal is closed',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })
    const { proposalId } = await textOf(house, icog, id)
    done(await respond(house, union, id, 'needs_more_time'))
    done(await respond(house, stranger, id, 'accept'))
    const due = async () =>
      (await ledgerOf(house, proposalId)).filter((entry) => entry.type === 'proposal.answer_due')

    await house.run(answerReminder, { proposalId })
    const { rows } = await house.database.read.$client.query(
      `select organisation_id from ledger where type = 'proposal.answer_due'`,
    )
    t.same(rows, [{ organisation_id: union.id }])
    await Promise.all([1, 2, 3].map(() => house.run(answerReminder, { proposalId })))
    t.equal((await due()).length, 1, 'a job that is delivered again tells nobody again')
    done(await respond(house, union, id, 'accept'))
    await house.run(answerReminder, { proposalId })

    t.equal((await due()).length, 1)
  },
)

t.test('a worker runs the reminder of a proposal when it is due', async (t) => {
  const house = await world(t)
  const { icog } = house
  const id = await pactIn(house, 'negotiating')
  const { proposalId } = await textOf(house, icog, id)
  const worker = await startWorker(t, house)
  await house.database.transaction((tx) =>
    worker.enqueue(tx, answerReminder, { proposalId }, new Date().toISOString()),
  )

  const reminded = await eventually(async () => {
    const entries = await ledgerOf(house, proposalId)
    return entries.find((entry) => entry.type === 'proposal.answer_due')
  })

  t.match(reminded, { actor_kind: 'system', details: { pactId: id } })
})

async function startWorker(t: Test, { databaseUrl, database, now }: World) {
  const worker = await startJobs({
    url: databaseUrl,
    database,
    clock: now,
    jobs: jobs.filter((job) => job.name === answerReminder.name),
    work: true,
    onError: (error) => t.error(error),
  })
  t.teardown(() => worker.stop())
  return worker
}

/** The contents of the queue, in the order of insertion. */
async function remindersOf({ database }: World) {
  const { rows } = await database.read.$client.query(
    `select data, start_after from jobs.job where name = '${answerReminder.name}' order by created_on`,
  )
  return (rows as { data: { proposalId: string }; start_after: Date | string }[]).map((row) => ({
    proposalId: row.data.proposalId,
    at: new Date(row.start_after).toISOString(),
  }))
}

/** Retries until there is an answer; the timeout of the test ends it otherwise. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}
