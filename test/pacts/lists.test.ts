import t from 'tap'
import { asOwner } from '../databases.ts'
import { recordStatements } from '../fixtures/statement-log.ts'
import { done, pactIn, world, type World } from '../fixtures/world.ts'

/** This number of pacts between ICOG and the union, and as many between others, in the order of time. */
async function manyPacts(
  { database, ownerUrl, icog, union, stranger, committee }: World,
  count: number,
): Promise<void> {
  const between = (proposerId: string, partyId: string, digit: number) => [
    `insert into pacts (id, created_at, updated_at, status, title, purpose, proposer_id, proposed_at)
      select ('0192f1c0-0000-7000-8${digit}00-' || lpad(to_hex(n), 12, '0'))::uuid, now(), now(), 'negotiating', 'Pact ' || n,
        'exchange', '${proposerId}', now() from generate_series(1, ${count}) n`,
    `insert into pact_parties (pact_id, organisation_id, standing, added_at)
      select id, party, 'party', now() from pacts, unnest(array['${proposerId}', '${partyId}']::uuid[]) party
      where proposer_id = '${proposerId}' and not exists (select 1 from pact_parties where pact_id = pacts.id)`,
  ]
  await database.transaction(async (tx) => {
    for (const statement of [...between(icog.id, union.id, 1), ...between(stranger.id, committee.id, 2)])
      await tx.$client.query(statement)
  })
  await asOwner(ownerUrl, 'analyze pacts, pact_parties')
}

type Plan = { 'Node Type': string; 'Actual Rows': number; 'Actual Loops': number; Plans?: Plan[] }
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

t.test('a page of pacts reads only as many rows as it shows, however many pacts exist', async (t) => {
  const house = await world(t)
  await manyPacts(house, 4000)
  const asked = recordStatements(house.database)

  const first = done(await house.ask('GET', '/v1/pacts?limit=10', { token: house.icog.token }))
  const next = done(
    await house.ask('GET', `/v1/pacts?limit=10&cursor=${first.data['nextCursor']}`, {
      token: house.icog.token,
    }),
  )

  t.equal(new Set([...first.data['data'], ...next.data['data']].map((pact) => pact.id)).size, 20)
  const lists = asked.filter(({ text }) => text.startsWith('with "pacts"'))
  t.equal(lists.length, 2)
  for (const { text, values } of lists) {
    const { rows } = await house.database.read.$client.query(`explain (analyze, format json) ${text}`, values)
    const [{ 'QUERY PLAN': plans }] = rows as [{ 'QUERY PLAN': { Plan: Plan }[] }]
    const nodes = plans.flatMap(({ Plan }) => nodesOf(Plan))
    const costly = nodes.filter((node) => node['Actual Rows'] * node['Actual Loops'] > 50)
    t.same(
      costly.map(({ Plans: _below, ...node }) => node),
      [],
    )
  }
})

t.test('a pact between two organisations of the caller is listed once', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')
  await house.database.transaction((tx) =>
    tx.$client.query(
      `insert into mandates (id, version, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       select gen_random_uuid(), 1, now(), now(), 'active', $1, $2, 'delegate', '{}', '2026-01-01'`,
      [icog.delegateId, union.id],
    ),
  )

  const { data } = done(await house.ask('GET', '/v1/pacts', { token: icog.token }))

  t.same(
    data['data'].map((pact: any) => pact.id),
    [id],
  )
})
