/**
 * The second fence knows who administers. What an ordinary member of an organisation, and a partner of it, could write if
 * the code asked for everything; and that whoever may, still can.
 */
import t, { type Test } from 'tap'
import { secured } from './fixtures/secured.ts'

type World = Awaited<ReturnType<typeof secured>>
type Statements = (world: World) => readonly string[]

const mandateOf = (delegate: string, organisation: string, status: string) =>
  `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
    values (gen_random_uuid(), now(), now(), '${status}', ${delegate}, '${organisation}', 'observer', '{administer,vouch}', '2031-01-01')`
const tokenOf = (holder: string, value: string, kind = 'delegate') =>
  `insert into tokens (hash, id, kind, ${holder}, label, scopes, created_at, expires_at)
    values ('\\x01', gen_random_uuid(), '${kind}', ${value}, 'planted', '{}', now(), now())`
const linkFor = (delegate: string) =>
  `insert into enrolment_links (id, hash, delegate_id, created_at, expires_at)
    values (gen_random_uuid(), '\\x01', '${delegate}', now(), now())`
const worksiteOf = (organisation: string) =>
  `insert into worksites (id, created_at, updated_at, organisation_id, employer, place, country, industry)
    values (gen_random_uuid(), now(), now(), '${organisation}', 'Works', 'Minsk', 'BY', '2910')`
const affiliationOf = (member: string, parent: string, status = 'requested') =>
  `insert into affiliations (id, created_at, updated_at, status, member_id, parent_id, starts_on)
    values (gen_random_uuid(), now(), now(), '${status}', '${member}', '${parent}', '2031-01-01')`
const delegateOf = (organisation: string) =>
  `insert into delegates (id, created_at, updated_at, display_name, pseudonym, organisation_id)
    values (gen_random_uuid(), now(), now(), 'Planted', true, '${organisation}')`
const channelsOf = (organisation: string) =>
  `insert into contact_channels (id, created_at, updated_at, organisation_id, channels)
    values (gen_random_uuid(), now(), now(), '${organisation}', '\\x00')`
const sealOf = (organisation: string, by = 'caller_delegate()') =>
  `insert into seals (id, created_at, updated_at, organisation_id, organisation_kind, sealed_by_id)
    values (gen_random_uuid(), now(), now(), '${organisation}', 'union', ${by})`
const invitationOf = (organisation: string) =>
  `insert into invitations (id, hash, organisation_id, mandate_id, made_with_id, uses_max, created_at, expires_at)
    values (gen_random_uuid(), '\\x01', '${organisation}', gen_random_uuid(), gen_random_uuid(), 1, now(), now())`
const entryBy = (kind: string, actor: string) =>
  `insert into ledger (id, at, type, object, subject_id, subject_version, actor_kind, actor_id, request_id)
    values (gen_random_uuid(), now(), 'pact.signed', 'pact', gen_random_uuid(), 1, '${kind}', ${actor}, gen_random_uuid())`
const answerTo = (delegate: string) =>
  `insert into idempotency_keys (hash, fingerprint, answer, delegate_id, expires_at)
    values ('\\x01', '\\x01', '\\x01', ${delegate}, now())`

/** What is refused to those who belong to an organisation, and to those who have a pact with it, alike. */
const refused: Statements = ({
  house: { icog, visitor, guest, coordinator, stranger, union, committee },
}) => [
  `update organisations set name = 'Taken' where id = '${icog.id}'`,
  `insert into organisations (id, created_at, updated_at, status, kind, name, country, created_by_organisation_id)
    values (gen_random_uuid(), now(), now(), 'unclaimed', 'union', 'Made up', 'BY', (caller_organisations())[1])`,
  worksiteOf(icog.id),
  affiliationOf(icog.id, union.id),
  affiliationOf(committee.id, icog.id),
  delegateOf(icog.id),
  mandateOf(`'${stranger.delegateId}'`, icog.id, 'submitted'),
  mandateOf('caller_delegate()', icog.id, 'active'),
  tokenOf('delegate_id', `'${visitor.delegateId}'`),
  tokenOf('organisation_id', `'${icog.id}'`, 'client'),
  linkFor(visitor.delegateId),
  linkFor(coordinator.delegateId),
  channelsOf(icog.id),
  sealOf(icog.id),
  invitationOf(icog.id),
  entryBy('delegate', `'${visitor.delegateId}'`),
  entryBy('operator', `'${guest.delegateId}'`),
  entryBy('system', 'null'),
  answerTo(`'${visitor.delegateId}'`),
  answerTo('null'),
]

/** What an ordinary member, who sees the rows, may not change either; and what they do not even see. */
const refusedToMembers: Statements = ({ house: { visitor, guest, icog, stranger } }) => [
  `update mandates set status = 'recalled' where delegate_id = '${visitor.delegateId}'`,
  `update mandates set status = 'active', powers = '{administer}' where delegate_id = '${guest.delegateId}'`,
  `update mandates set status = 'recalled', delegate_id = '${guest.delegateId}' where delegate_id = '${visitor.delegateId}'`,
  `update delegates set display_name = 'Renamed' where id = '${visitor.delegateId}'`,
  `update delegates set organisation_id = '${stranger.id}' where id = '${guest.delegateId}'`,
  `update tokens set delegate_id = '${visitor.delegateId}' where delegate_id = '${guest.delegateId}'`,
  `update affiliations set status = 'refused' where parent_id = '${icog.id}'`,
]
const passedOver: Statements = ({ house: { visitor, guest, icog } }) => [
  `update invitations set revoked_at = now()`,
  `update tokens set elevated_until = now() where delegate_id <> '${guest.delegateId}'`,
  `update tokens set revoked_at = now() where delegate_id = '${visitor.delegateId}' or organisation_id = '${icog.id}'`,
  `select from tokens where delegate_id is distinct from '${guest.delegateId}'`,
  `select from enrolment_links where delegate_id <> '${guest.delegateId}'`,
  `update enrolment_links set hash = '\\x02', used_at = null where delegate_id <> '${guest.delegateId}'`,
  `select from contact_channels`,
  `update idempotency_keys set delegate_id = caller_delegate()`,
  `delete from idempotency_keys`,
  `delete from worksites`,
  `delete from mandates`,
  `delete from delegates`,
  `delete from tokens`,
  `delete from seals`,
]

/** For all tests: what they write is undone. */
const world = await secured(t)

t.test('an ordinary member writes nothing that is for who administers', async (t) => {
  const { guest } = world.house.callers
  await passes(t, guest, `select from mandates where delegate_id <> caller_delegate()`)

  for (const statement of [...refused(world), ...refusedToMembers(world)])
    await t.rejects(world.as(guest, statement), { code: '42501' }, statement)
  for (const statement of passedOver(world)) t.equal(await world.as(guest, statement), 0, statement)
})

t.test('nor does a partner', async (t) => {
  const { house, as } = world
  const { host, link } = house.callers

  // Whoever administers one organisation administers no other.
  for (const statement of refused(world)) await t.rejects(as(host, statement), { code: '42501' }, statement)
  for (const statement of [
    `update worksites set organisation_id = '${house.host.id}' where organisation_id <> '${house.host.id}'`,
    `update affiliations set parent_id = '${house.stranger.id}' where member_id = '${house.host.id}'`,
  ])
    await t.rejects(as(host, statement), { code: '42501' }, statement)
  for (const statement of [
    `update mandates set status = 'recalled' where organisation_id = '${house.icog.id}'`,
    `update tokens set revoked_at = now() where delegate_id = '${house.guest.delegateId}'`,
    `update seals set requested_by_id = caller_delegate()`,
  ])
    t.equal(await as(host, statement), 0, statement)
  // A link answers, and whoever holds it is nobody's secretary yet.
  for (const statement of [
    `update organisations set status = 'provisional' where id = '${house.committee.id}'`,
    delegateOf(house.committee.id),
    entryBy('link', 'gen_random_uuid()'),
  ])
    await t.rejects(as(link, statement), { code: '42501' }, statement)
})

t.test('whoever administers an organisation keeps what is its own', async (t) => {
  const { house, as } = world
  const { visitor: secretary, guest, coordinator, host, stranger } = house.callers
  const { icog, union } = house

  for (const statement of [
    `update organisations set about = 'We strike.' where id = '${icog.id}'`,
    worksiteOf(icog.id),
    affiliationOf(icog.id, union.id),
    delegateOf(icog.id),
    `update delegates set languages = '{be}' where id = '${house.guest.delegateId}'`,
    mandateOf(`'${house.guest.delegateId}'`, icog.id, 'active'),
    `update mandates set status = 'recalled' where delegate_id = '${house.guest.delegateId}'`,
    tokenOf('organisation_id', `'${icog.id}'`, 'client'),
    linkFor(house.guest.delegateId),
    channelsOf(icog.id),
    sealOf(icog.id),
    entryBy('delegate', 'caller_delegate()'),
    answerTo('caller_delegate()'),
  ])
    await passes(t, secretary, statement)
  // The people's tokens end with a seal; elevating them is for nobody else.
  await passes(
    t,
    secretary,
    `update tokens set revoked_at = now(), elevated_until = null where delegate_id = '${house.guest.delegateId}'`,
  )
  await t.rejects(
    as(secretary, `update tokens set elevated_until = now() where delegate_id = '${house.guest.delegateId}'`),
    { code: '42501' },
  )
  await passes(t, host, `update enrolment_links set revoked_at = now()`)
  await passes(t, host, `delete from worksites where organisation_id = '${house.host.id}'`)
  await passes(t, host, `update worksites set place = 'Brest' where organisation_id = '${house.host.id}'`)
  await passes(t, host, `update affiliations set ends_on = '2031-01-01' where member_id = '${house.host.id}'`)
  await passes(t, host, `delete from idempotency_keys`)
  for (const caller of [stranger, coordinator])
    await passes(t, caller, `update recoveries set ended_at = now(), ended_by_id = caller_delegate()`)
  // A member claims, lays down and keeps what is their own; a coordinator judges, and writes to who is not here yet.
  for (const statement of [
    mandateOf('caller_delegate()', icog.id, 'submitted'),
    `update mandates set status = 'recalled' where delegate_id = caller_delegate()`,
    `update delegates set display_name = 'Vesna' where id = caller_delegate()`,
    `update tokens set elevated_until = now() where delegate_id = caller_delegate()`,
    tokenOf('delegate_id', 'caller_delegate()'),
    linkFor(house.guest.delegateId),
  ])
    await passes(t, guest, statement)
  await passes(t, coordinator, `update organisations set pending = null where id = '${union.id}'`)
})

t.test('whoever lost their mandate takes back what they showed, and changes nothing else', async (t) => {
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
})

t.test('an invitation is revoked once by who administers its coordination, and not changed', async (t) => {
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
})

t.test('coordinators recover in their own name, and for their own coordination', async (t) => {
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
})

t.test(
  'under a seal, which takes all powers, who administered it asks to lift it, and nobody else',
  async (t) => {
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
        sealedAway: [],
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
  },
)

// The last one: what it needs stays in the world.
t.test(
  'a link of somebody whom others made known is revoked by who gave them an office, and not changed',
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
