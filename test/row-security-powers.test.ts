/**
 * Policies that check who administers, and who a person is. This file has the sequences of statements that need more than one
 * row; single statements are in test/resources, and test/row-security.test.ts tries them.
 */
import t, { type Test } from 'tap'
import { secured } from './fixtures/secured.ts'

type World = Awaited<ReturnType<typeof secured>>

const mandateOf = (delegate: string, organisation: string, status: string) =>
  `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
    values (gen_random_uuid(), now(), now(), '${status}', ${delegate}, '${organisation}', 'observer', '{administer,vouch}', '2031-01-01')`
const linkFor = (delegate: string) =>
  `insert into enrolment_links (id, hash, delegate_id, created_at, expires_at)
    values (gen_random_uuid(), '\\x01', '${delegate}', now(), now())`

/** Shared by all tests, because their writes are rolled back. */
const world = await secured(t)

t.test(
  'the policies let a delegate without a mandate withdraw their consents and change nothing else',
  async (t) => {
    const { house, as } = world
    const { guest } = house.callers
    const gone = { ...guest, mandates: [] } as typeof guest
    const change = (what: string) =>
      `update visit_participants set ${what}, version = version + 1, updated_at = now(), consented_at = null
      where delegate_id = '${house.guest.delegateId}'`
    const others = [
      `status = 'withdrawn'`,
      `side = case side when 'host' then 'visitor' else 'host' end::visit_side`,
      `agreed_at = agreed_at - interval '1 year'`,
      `created_at = now()`,
      `known_to = '{}'`,
      `visit_id = gen_random_uuid()`,
    ]

    await passes(t, gone, change('id = id'))
    for (const what of others) await t.rejects(as(gone, change(what)), { code: '42501' }, what)
    await passes(t, guest, change(`agreed_at = agreed_at - interval '1 year'`))
  },
)

t.test(
  'the policies let an administrator of the coordination revoke an invitation once, and change nothing of it',
  async (t) => {
    const { visitor, coordinator } = world.house.callers
    for (const caller of [visitor, coordinator]) {
      await passes(t, caller, `update invitations set revoked_at = now()`)
      for (const what of [
        `uses = uses + 1`,
        `uses_max = 100`,
        `hash = '\\x02'`,
        `expires_at = expires_at + interval '1 year'`,
        `mandate_id = gen_random_uuid()`,
        `revoked_at = now(), made_with_id = gen_random_uuid()`,
      ])
        await t.rejects(world.as(caller, `update invitations set ${what}`), { code: '42501' }, what)
    }
    await world.owner.query('update invitations set revoked_at = now()')
    t.teardown(() => world.owner.query('update invitations set revoked_at = null'))
    await t.rejects(world.as(visitor, `update invitations set revoked_at = null`), { code: '42501' })
  },
)

t.test(
  'the policies let coordinators request and approve recoveries only in their own name and for their own coordination',
  async (t) => {
    const { house, as } = world
    const { secondCoordinator, coordinator: first, visitor, icog, host } = house
    const { coordinator } = house.callers
    const asked = (by: string, forId: string) =>
      `insert into recoveries (id, created_at, updated_at, organisation_id, delegate_id, reason, requested_by_id,
      requested_mandate_id, requested_for_id, expires_at)
    values (gen_random_uuid(), now(), now(), '${host.id}', '${host.delegateId}', 'Lost.', ${by},
      '${first.mandateId}', '${forId}', now() + interval '3 days')`
    const granted = (by: string, forId: string) =>
      `update recoveries set granted_by_id = ${by}, granted_for_id = ${forId}, granted_at = now(), enrolment_link_id = gen_random_uuid()`

    await passes(t, coordinator, asked('caller_delegate()', icog.id))
    await passes(t, secondCoordinator, granted('caller_delegate()', '(caller_organisations())[1]'))
    for (const statement of [asked(`'${visitor.delegateId}'`, icog.id), asked('caller_delegate()', host.id)])
      await t.rejects(as(coordinator, statement), { code: '42501' }, statement)
    for (const statement of [
      granted(`'${visitor.delegateId}'`, '(caller_organisations())[1]'),
      granted('caller_delegate()', `'${host.id}'`),
      `update recoveries set ended_at = now(), ended_by_id = '${visitor.delegateId}'`,
    ])
      await t.rejects(as(secondCoordinator, statement), { code: '42501' }, statement)
  },
)

t.test('under a seal the policies let only its administrators ask to lift it', async (t) => {
  const { house, owner, as } = world
  const { rows } = await owner.query(
    `select delegate_id, mandates.id, seals.organisation_id from seals join mandates using (organisation_id)`,
  )
  const [{ delegate_id: delegateId, id, organisation_id: organisationId }] = rows
  const sealed = { organisationId, organisationKind: 'union', organisationStatus: 'verified', sealed: true }
  const person = (who: string) =>
    ({
      kind: 'delegate',
      tokenId: id,
      delegateId: who,
      scopes: [],
      mandates: [{ ...sealed, id, powers: [] }],
      elevated: false,
      sealedOrganisations: new Set<string>(),
    }) as const
  const asking = (
    who: string,
  ) => `update seals set requested_by_id = '${who}', requested_mandate_id = '${id}',
    requested_for_id = organisation_id, expires_at = now() where organisation_id = '${organisationId}'`

  await passes(t, person(delegateId), asking(delegateId))
  await t.rejects(as(person(house.guest.delegateId), asking(house.guest.delegateId)), { code: '42501' })
  await t.rejects(as(person(house.guest.delegateId), asking(delegateId)), { code: '42501' })
  await t.rejects(
    as(person(delegateId), `update seals set lifted_by_id = caller_delegate(), lifted_at = now()`),
    { code: '42501' },
  )
})

// The last test, because its rows stay in the world.
t.test(
  'the policies let an organisation that gave an office revoke the person’s link, and change nothing of it',
  async (t) => {
    const { house, owner, as } = world
    const { visitor } = house.callers
    const [{ id }] = (
      await owner.query(`insert into delegates (id, created_at, updated_at, display_name, pseudonym, organisation_id)
      values (gen_random_uuid(), now(), now(), 'Ana', true, '${house.stranger.id}') returning id`)
    ).rows
    await owner.query(mandateOf(`'${id}'`, house.icog.id, 'active'))
    await owner.query(linkFor(id))
    const links = `where delegate_id = '${id}'`

    await passes(t, visitor, `update enrolment_links set revoked_at = now() ${links}`)
    await t.rejects(as(visitor, `update enrolment_links set hash = '\\x02', expires_at = now() ${links}`), {
      code: '42501',
    })
  },
)

async function passes(t: Test, caller: Parameters<World['as']>[0], statement: string) {
  const met = await world.as(caller, statement).catch((error: Error) => error.message)
  t.ok(Number(met) > 0, `${statement}: ${met}`)
}
