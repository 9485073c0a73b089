/** What mandates give is kept in a table that triggers write. It always equals what the tables of origin say. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { organisationKinds, organisationLifecycle } from '../../src/organisations/lifecycle.ts'
import { actingStatuses } from '../../src/organisations/policy.ts'
import { mandateLifecycle } from '../../src/delegates/mandates/lifecycle.ts'
import { visitWorld } from '../fixtures/visits.ts'
import { delegateOf } from '../fixtures/visits.ts'
import { move, registerUnion, seat, verifiedUnion } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { openHouse } from '../harness.ts'

const kept = 'select to_jsonb(authorities) as row from authorities order by 1'
/** The same, computed from the tables of origin in another way than the triggers do it. */
const computed = `
  select jsonb_build_object(
    'delegate_id', m.delegate_id, 'mandate_id', m.id, 'organisation_id', acted_for.id,
    'organisation_kind', o.kind, 'organisation_status', o.status, 'sealed', o.sealed_at is not null,
    'powers', (
      select coalesce(jsonb_agg(power order by place), '[]') from unnest(m.powers) with ordinality held (power, place)
      where o.sealed_at is null and (power <> 'vouch' or acted_for.id = o.id)),
    'starts_on', m.starts_on, 'ends_on', m.ends_on) as row
  from mandates m, organisations o, organisations acted_for
  where o.id = m.organisation_id and o.id in (acted_for.id, acted_for.merged_into_id)
    and m.status = 'active' and o.status in ('${actingStatuses.join("', '")}')
  order by 1`

/** A union with two people, its sister union with one of them, and a union that was merged into the first. */
async function world(t: Test) {
  const house = await openHouse(t)
  const [union, sister, merged, other] = [
    await registerUnion(house),
    await registerUnion(house, { name: 'Union of bakers' }),
    await registerUnion(house, { name: 'Union of weavers' }),
    await registerUnion(house, { name: 'Union of dockers' }),
  ]
  const colleague = await seat(house, union, { office: 'chair', powers: ['sign', 'visit'] })
  const owner = new pg.Client({ connectionString: house.ownerUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  await owner.query(mandateOf(colleague.delegateId, sister.id))
  await owner.query(mergedInto(merged.id, union.id))
  return { ...house, house, owner, union, sister, merged, other, colleague }
}

const mandateOf = (delegateId: string, organisationId: string, status = 'active') =>
  `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
    values (gen_random_uuid(), now(), now(), '${status}', '${delegateId}', '${organisationId}', 'observer', '{sign,vouch}', '2020-01-01')`
const mergedInto = (id: string, intoId: string) =>
  `update organisations set status = 'merged', merged_into_id = '${intoId}' where id = '${id}'`

async function requireEqual(t: Test, client: pg.Client, what: string) {
  const [rows, expected] = [(await client.query(kept)).rows, (await client.query(computed)).rows]
  t.same(rows, expected, what)
  return rows.length
}

t.test('after every change of a mandate or an organisation, the kept authorities are right', async (t) => {
  const { owner, union, sister, merged, other, colleague } = await world(t)
  const mandate = (change: string) => `update mandates set ${change} where id = '${union.mandateId}'`
  const organisation = (change: string, id = union.id) =>
    `update organisations set ${change} where id = '${id}'`
  const standing = await requireEqual(t, owner, 'at first')
  t.equal(standing, 7, 'three people of their own unions, one in two, and two for the merged one')

  const changes: Record<string, string[]> = {
    'a mandate is given': [mandateOf(colleague.delegateId, other.id)],
    'a mandate is claimed': [mandateOf(colleague.delegateId, other.id, 'submitted')],
    'powers change': [mandate(`powers = '{administer,vouch}'`)],
    'all powers go': [mandate(`powers = '{}'`)],
    'a period begins later': [mandate(`starts_on = '2031-01-01'`)],
    'a period gets a last day': [mandate(`ends_on = '2031-01-01'`)],
    'a mandate is of another organisation': [mandate(`organisation_id = '${other.id}'`)],
    'a mandate is of another person': [mandate(`delegate_id = '${colleague.delegateId}'`)],
    'a mandate has another id': [mandate('id = gen_random_uuid()')],
    'a column that does not matter changes': [mandate(`evidence = 'minutes'`)],
    'all mandates change': [`update mandates set powers = '{visit}'`],
    'a mandate is deleted': [`delete from mandates where id = '${union.mandateId}'`],
    'an organisation is sealed': [organisation('sealed_at = now()')],
    'an organisation is sealed and opened': [
      organisation('sealed_at = now()'),
      organisation('sealed_at = null'),
    ],
    'a merged organisation is sealed': [organisation('sealed_at = now()', merged.id)],
    'all organisations are sealed': ['update organisations set sealed_at = now()'],
    'an organisation merges into one': [mergedInto(other.id, union.id)],
    'an organisation with merged ones merges': [mergedInto(union.id, sister.id)],
    'the successor changes': [organisation(`merged_into_id = '${sister.id}'`, merged.id)],
    'a merger is undone': [organisation(`status = 'verified', merged_into_id = null`, merged.id)],
    'a merged organisation is added': [
      `insert into organisations (id, created_at, updated_at, status, kind, name, country, merged_into_id)
        values (gen_random_uuid(), now(), now(), 'merged', 'union', 'Weavers', 'BY', '${union.id}')`,
    ],
    'a merged organisation is deleted': [
      `insert into organisations (id, created_at, updated_at, status, kind, name, country, merged_into_id)
        values ('${union.mandateId}', now(), now(), 'merged', 'union', 'Weavers', 'BY', '${union.id}')`,
      `delete from organisations where id = '${union.mandateId}'`,
    ],
    'an organisation has another name': [organisation(`name = 'Union of miners'`)],
  }
  for (const status of Object.keys(mandateLifecycle))
    changes[`a mandate becomes ${status}, and active again`] = [
      mandate(`status = '${status}'`),
      mandate(`status = 'active'`),
    ]
  for (const kind of organisationKinds)
    changes[`an organisation becomes a ${kind}`] = [organisation(`kind = '${kind}'`)]
  for (const status of Object.keys(organisationLifecycle).filter((one) => one !== 'merged'))
    changes[`an organisation becomes ${status}, and provisional again`] = [
      organisation(`status = '${status}', vouch_by = now()`),
      organisation(`status = 'provisional', vouch_by = now()`),
    ]

  for (const [what, statements] of Object.entries(changes)) {
    await owner.query('begin')
    for (const statement of statements) {
      await owner.query(statement)
      await requireEqual(t, owner, what)
    }
    await owner.query('rollback')
  }
  t.equal(await requireEqual(t, owner, 'when all is undone'), standing)
})

t.test('after what the service itself does, the kept authorities are right', async (t) => {
  const house = await visitWorld(t)
  const { ask, host, union, coordinator } = house
  const owner = new pg.Client({ connectionString: house.ownerUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const right = (what: string) => requireEqual(t, owner, what)
  const first = await right('after registrations, verifications and mandates')

  const guest = await delegateOf(house.house, host)
  await right('a delegate was seated')
  await move(house.house, `/v1/mandates/${guest.mandateId}`, host.token, 'recall')
  await right('a mandate was recalled')
  await house.suspend(host)
  t.ok((await right('an organisation was suspended')) < first)
  const sealed = await verifiedUnion(house.house, coordinator, { name: 'Union of printers' })
  done(await ask('PUT', `${sealed.url}/seal`, { token: sealed.token }))
  await right('an organisation was sealed')
  const body = { move: 'resign' }
  await ask('POST', `/v1/mandates/${union.mandateId}/transitions`, { token: union.token, body })
  await right('a mandate was resigned, or not')
})

type Connections = { first: pg.Client; second: pg.Client }

async function twoConnections(t: Test, ownerUrl: string): Promise<Connections> {
  const [first, second] = [1, 2].map(() => new pg.Client({ connectionString: ownerUrl })) as [
    pg.Client,
    pg.Client,
  ]
  await Promise.all([first.connect(), second.connect()])
  t.teardown(() => Promise.all([first.end(), second.end()]))
  return { first, second }
}

t.test('two transactions that change mandates and organisations at the same time end right', async (t) => {
  const { owner, ownerUrl, union, sister, other, colleague } = await world(t)
  const { first, second } = await twoConnections(t, ownerUrl)
  const give = (organisationId: string) => mandateOf(colleague.delegateId, organisationId)
  const suspend = `update organisations set status = 'suspended' where id = '${other.id}'`
  const restore = `update organisations set status = 'verified', merged_into_id = null where id = '${other.id}'`
  const recall = (id: string) => `update mandates set status = 'recalled' where id = '${id}'`
  const seal = (id: string) => `update organisations set sealed_at = now() where id = '${id}'`
  const merge = mergedInto(other.id, sister.id)
  const races: [what: string, earlier: string, later: string, waits: boolean][] = [
    ['two mandates of one person are recalled and given', recall(colleague.mandateId), give(other.id), false],
    [
      'two mandates are given in one organisation',
      give(union.id),
      mandateOf(sister.delegateId, union.id),
      false,
    ],
    ['a mandate is given while its organisation is suspended', suspend, give(other.id), true],
    ['an organisation is suspended while a mandate is given', give(other.id), suspend, true],
    ['a mandate is recalled while its organisation is sealed', seal(union.id), recall(union.mandateId), true],
    ['an organisation is sealed while a mandate is recalled', recall(union.mandateId), seal(union.id), true],
    ['a mandate is given in the successor while an organisation merges', merge, give(sister.id), true],
    ['an organisation merges while a mandate is given in the successor', give(sister.id), merge, true],
    ['the successor is sealed while an organisation merges into it', merge, seal(sister.id), true],
  ]

  for (const [what, earlier, later, waits] of races) {
    await owner.query('begin')
    await owner.query(`delete from mandates where office = 'observer'`)
    await owner.query(`update organisations set sealed_at = null`)
    await owner.query(`update mandates set status = 'active'`)
    await owner.query(restore)
    await owner.query('commit')
    const { waiting, release } = await holdRowLocks(t, ownerUrl, 'select where $1 = $1', ['nothing'])
    await first.query('begin')
    await first.query(earlier)
    const changing = second.query(later)
    if (waits) await waiting(1)
    else await changing
    await first.query('commit')
    await changing
    await release()

    await requireEqual(t, owner, what)
  }
})

t.test('the dates of a mandate apply on the day itself, without any change of a row', async (t) => {
  const house = await openHouse(t)
  const { ask, travelTo } = house
  const union = await registerUnion(house)
  const period = { office: 'delegate', startsOn: '2026-03-04', endsOn: '2026-03-05' }
  const { token } = await seat(house, union, period)
  const list = async (instant: string) => {
    travelTo(instant)
    return (await ask('GET', '/v1/me', { token })).data['mandates'].length
  }

  t.same(
    [
      await list('2026-03-03T23:59:59.999Z'),
      await list('2026-03-04T00:00:00.000Z'),
      await list('2026-03-05T23:59:59.999Z'),
      await list('2026-03-06T00:00:00.000Z'),
    ],
    [0, 1, 1, 0],
  )
})
