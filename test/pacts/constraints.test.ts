import t from 'tap'
import { constraintOf } from '../../src/platform/database/sqlstate.ts'
import { pactIn, textOf, world, type World } from '../fixtures/world.ts'

/** Statements as a bug, or somebody with access to the database, could send them. */
const run = ({ database }: World, statement: string) =>
  database.transaction((tx) => tx.$client.query(statement))

const constraintAgainst = (house: World, statement: string) =>
  run(house, statement).then(() => 'none', constraintOf)

t.test('the database refuses pact rows that do not belong together, also from its owner', async (t) => {
  const house = await world(t)
  const { icog, union, stranger } = house
  const id = await pactIn(house, 'negotiating')
  const other = await pactIn(house, 'negotiating', { purpose: 'exchange', parties: [stranger] })
  const [here, there] = [await textOf(house, icog, id), await textOf(house, icog, other)]
  const proposal = (change: Record<string, string>) => {
    const row = {
      pact_id: `'${id}'`,
      author_id: `'${icog.id}'`,
      supersedes_id: 'null',
      ...change,
    }
    return `insert into proposals (id, created_at, updated_at, number, status, answer_by, content, content_digest, ${Object.keys(row).join()})
      values (gen_random_uuid(), now(), now(), 9, 'withdrawn', now(), '{}', repeat('0', 64), ${Object.values(row).join()})`
  }
  const response = ({ proposalId, contentDigest }: typeof here) =>
    `insert into responses (id, created_at, pact_id, proposal_id, content_digest, organisation_id, decision)
      values (gen_random_uuid(), now(), '${id}', '${proposalId}', '${contentDigest}', '${union.id}', 'comment')`
  const signature = (
    { proposalId, contentDigest }: typeof here,
    by: { delegateId: string; mandateId: string },
  ) =>
    `insert into signatures (id, signed_at, pact_id, proposal_id, content_digest, organisation_id, delegate_id, mandate_id, receipt)
      values (gen_random_uuid(), now(), '${id}', '${proposalId}', '${contentDigest}', '${icog.id}', '${by.delegateId}', '${by.mandateId}', '{}')`
  const pair = (lower: string, higher: string) =>
    `insert into pact_pairs (pact_id, lower_id, higher_id, purpose, term)
      values ('${id}', '${lower}', '${higher}', 'exchange', '[2026-01-01,)')`
  const [lower, higher] = [icog.id, stranger.id].sort() as [string, string]
  const strangerIsLower = lower === stranger.id
  const refused: Record<string, string> = {
    [`update pacts set proposal_id = '${there.proposalId}' where id = '${id}'`]: 'pacts_proposal_in_pact',
    [proposal({ author_id: `'${stranger.id}'` })]: 'proposals_by_party',
    [proposal({ supersedes_id: `'${there.proposalId}'` })]: 'proposals_supersedes_in_pact',
    [response(there)]: 'responses_of_text_in_pact',
    [response({ ...here, contentDigest: '0'.repeat(64) })]: 'responses_of_text_in_pact',
    [signature(there, icog)]: 'signatures_of_text_in_pact',
    [signature({ ...here, contentDigest: '0'.repeat(64) }, icog)]: 'signatures_of_text_in_pact',
    [signature(here, { delegateId: union.delegateId, mandateId: icog.mandateId })]: 'signatures_by_mandate',
    [pair(lower, higher)]: strangerIsLower ? 'pact_pairs_lower_is_party' : 'pact_pairs_higher_is_party',
    [`update pact_parties set standing = 'declined', declined_number = 7, declined_at = now(), declined_version = 2
      where pact_id = '${id}' and organisation_id = '${union.id}'`]: 'pact_parties_declined_proposal',
    [`update pact_parties set standing = 'declined', declined_number = 1
      where pact_id = '${id}' and organisation_id = '${union.id}'`]: 'pact_parties_declined',
    [`update pact_parties set declined_version = 1
      where pact_id = '${id}' and organisation_id = '${union.id}'`]: 'pact_parties_declined',
  }

  for (const [statement, constraint] of Object.entries(refused)) {
    t.equal(await constraintAgainst(house, statement), constraint, statement)
  }
  await t.resolves(run(house, response(here)), 'and takes what does')
})

t.test('the database refuses a pact whose columns do not fit its status', async (t) => {
  const house = await world(t)
  const ids = {
    draft: await pactIn(house, 'draft'),
    negotiating: await pactIn(house, 'negotiating'),
    signing: await pactIn(house, 'signing', { purpose: 'exchange' }),
    active: await pactIn(house, 'active', { purpose: 'strike_support' }),
  }
  const refused: [keyof typeof ids, string, string][] = [
    ['draft', `status = 'negotiating'`, 'pacts_proposed'],
    ['negotiating', `status = 'draft'`, 'pacts_drafts'],
    ['negotiating', `status = 'signing'`, 'pacts_agreed'],
    ['signing', 'proposal_id = null', 'pacts_agreed'],
    ['signing', 'sign_by = null', 'pacts_agreed'],
    ['signing', `status = 'active'`, 'pacts_activated'],
    ['signing', 'activated_at = now(), starts_on = current_date, notice_days = 1', 'pacts_activated'],
    ['signing', 'starts_on = current_date', 'pacts_in_force'],
    ['active', 'proposal_id = null', 'pacts_agreed'],
    ['active', 'activated_at = null, starts_on = null, notice_days = null', 'pacts_activated'],
    ['active', 'starts_on = null, ends_on = null', 'pacts_in_force'],
    ['active', `status = 'expired', ends_on = null`, 'pacts_expired'],
  ]

  for (const [state, change, constraint] of refused) {
    const statement = `update pacts set ${change} where id = '${ids[state]}'`
    t.equal(await constraintAgainst(house, statement), constraint, `${state}: ${change}`)
  }
  await t.resolves(run(house, `update pacts set status = 'expired' where id = '${ids.active}'`))
})
