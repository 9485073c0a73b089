/** A verified organisation cannot change its name alone. */
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { renameOrganisation } from '../../src/organisations/renamings.ts'
import { contextOf, refused } from '../fixtures/contexts.ts'
import {
  absentId,
  ledgerOf,
  coordinatedHouse,
  move,
  openCoordination,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
  type Union,
} from '../fixtures/unions.ts'

async function world(t: Test) {
  const here = await coordinatedHouse(t)
  const { house, first } = here
  const union = await verifiedUnion(house, first, { name: 'Union of Tractor Workers', country: 'BY' })
  const rename = (
    of: { url: string },
    token: string | undefined,
    body: object = { name: 'Machine Builders' },
  ) => house.ask('POST', `${of.url}/renamings`, { token, body, headers: { 'if-match': '*' } })
  const change = (of: Union, body: object) => house.askFresh('PATCH', of.url, { token: of.token, body })
  return { ...here, union, rename, change }
}

const codeOf = ({ data }: { data: Record<string, unknown> }) => data['code']

t.test('a verified organisation cannot change its name or country alone, only other details', async (t) => {
  const { ask, house, union, change } = await world(t)

  const renamed = await change(union, {
    name: 'Automotive Workers Coordination',
    website: 'https://evil.example/',
  })
  const moved = await change(union, { country: 'DE' })
  const described = await change(union, { name: union.name, country: 'BY', about: 'All shifts.' })

  t.match([renamed.statusCode, codeOf(renamed)], [409, 'vouched_for_name'])
  t.match([moved.statusCode, codeOf(moved)], [409, 'vouched_for_name'])
  t.match(described.data, { status: 'verified', about: 'All shifts.' })
  t.match((await ask('GET', union.url)).data, { name: union.name, country: 'BY', website: null })
  const young = await registerUnion(house, { name: 'Young' })
  t.match((await change(young, { name: 'Younger' })).data, { name: 'Younger', formerNames: [] })
})

t.test(
  'a secretary and a coordinator together rename a verified organisation, and its former name stays readable',
  async (t) => {
    const { house, ask, first, union, rename, change } = await world(t)

    const asked = await rename(union, union.token)
    const publicly = await ask('GET', union.url)
    const named = await rename(union, first.token)
    await change(union, { nameVariants: [] })

    t.match(asked.data, {
      name: union.name,
      renaming: { name: 'Machine Builders', country: 'BY', until: '2026-03-05T10:00:00.000Z' },
    })
    t.equal(publicly.data.renaming, null, 'a pending renaming is not public')
    t.match(named.data, {
      status: 'verified',
      name: 'Machine Builders',
      nameVariants: [union.name],
      formerNames: [union.name],
      renaming: null,
    })
    t.match((await ask('GET', union.url)).data, { nameVariants: [], formerNames: [union.name] })
    t.match((await ledgerOf(house, union.id)).slice(-3), [
      { type: 'organisation.renaming_asked', actor_id: union.delegateId, mandate_id: union.mandateId },
      { type: 'organisation.renamed', actor_id: first.delegateId, mandate_id: first.mandateId },
      { type: 'organisation.changed' },
    ])
  },
)

t.test('a renaming to another country removes the region', async (t) => {
  const { first, union, rename, change } = await world(t)
  await change(union, { region: 'BY-MI' })
  const body = { name: union.name, country: 'LT' }

  await rename(union, union.token, body)
  const moved = await rename(union, first.token, body)

  t.match(moved.data, { country: 'LT', region: null, formerNames: [] })
})

t.test('a coordinator can approve only the requested name, and only within 72 hours', async (t) => {
  const { house, first, second, union, rename, travelTo } = await world(t)
  const refused = async (token: string, body?: object) => {
    const answer = await rename(union, token, body)
    t.match([answer.statusCode, codeOf(answer)], [409, 'renaming_not_asked'])
  }
  const other = await seat(house, union, { office: 'secretary' })

  await refused(first.token)
  await rename(union, other.token)
  await refused(first.token, { name: 'Another name' })
  await refused(first.token, { name: 'Machine Builders', country: 'DE' })
  await move(house, `/v1/mandates/${other.mandateId}`, union.token, 'recall')
  await refused(first.token)
  await rename(union, union.token)
  travelTo('2026-03-05T10:00:00.000Z')
  await refused(first.token)
  await rename(union, union.token)
  const answers = await Promise.all([rename(union, first.token), rename(union, second.token)])

  t.equal(
    answers.filter((answer) => answer.statusCode === 200).length,
    1,
    'of two concurrent approvals only one renames',
  )
  t.equal((await ledgerOf(house, union.id)).filter(({ type }) => type === 'organisation.renamed').length, 1)
})

t.test('a renaming is refused for others than its secretary and outside coordinators', async (t) => {
  const { house, icog, first, union, rename } = await world(t)
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const delegate = await seat(house, union, { office: 'delegate' })
  const body = { name: 'Workers of the World' }

  t.equal((await rename(union, undefined)).statusCode, 401)
  for (const token of [delegate.token, stranger.token, icog.token, house.operatorToken])
    t.equal((await rename(union, token)).statusCode, 403)
  const hidden = await registerUnion(house, { name: 'Hidden' })
  const absent = { url: `/v1/organisations/${absentId}` }
  t.same(plainly(await rename(hidden, stranger.token)), plainly(await rename(absent, stranger.token)))
  t.match(codeOf(await rename(stranger, stranger.token)), 'nothing_vouched_for')
  t.match((await rename(union, union.token, { name: union.name })).data.errors, [
    { pointer: '/name', code: 'same_name' },
  ])
  await rename(icog, icog.token, body)
  t.equal((await rename(icog, first.token, body)).statusCode, 403, 'its own coordinator cannot approve')
  t.match((await rename(icog, house.operatorToken, body)).data, { name: body.name, status: 'verified' })
})

t.test('a renaming cannot be approved with an outdated version of the organisation', async (t) => {
  const { house, ask, union, rename, change } = await world(t)
  const { first: other } = await openCoordination(house, { name: 'Coordination of the ports' })
  t.equal((await rename(union, union.token)).statusCode, 200)
  const { etag } = (await ask('GET', union.url, { token: other.token })).headers
  t.equal((await change(union, { about: 'Another page than was read.' })).statusCode, 200)

  const vouched = await ask('POST', `${union.url}/renamings`, {
    token: other.token,
    body: { name: 'Machine Builders' },
    headers: { 'if-match': String(etag) },
  })

  t.match([vouched.statusCode, codeOf(vouched)], [412, 'stale_version'])
  t.equal((await ask('GET', union.url)).data['name'], union.name)
})

t.test(
  'a coordinator who becomes an administrator during a request cannot approve their own renaming',
  async (t) => {
    const { house, ask, first, union, rename } = await world(t)
    const beforeTheOffice = await contextOf(house, first.token)
    // No request gives a mandate to a person of another organisation yet.
    await house.database.transaction((tx) =>
      tx.execute(sql`insert into mandates
          (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
        values (gen_random_uuid(), ${'2026-03-02T10:00:00Z'}, ${'2026-03-02T10:00:00Z'}, 'active', ${first.delegateId},
          ${union.id}, 'chair', '{administer}', '2026-03-02')`),
    )
    t.equal((await rename(union, first.token)).statusCode, 200)

    const approving = renameOrganisation(beforeTheOffice, union.id, {}, { name: 'Machine Builders' })

    await refused(t, { status: 409, code: 'second_person_needed' }, approving)
    t.equal((await ask('GET', union.url)).data['name'], union.name)
  },
)
