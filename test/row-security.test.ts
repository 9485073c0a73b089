/**
 * The second line of defence: what a statement could read and write for each caller if the code had no checks. For every policy
 * there is a caller whom it admits and one whom it refuses.
 */
import t from 'tap'
import { pendingDisclosures } from '../src/delegates/disclosures/approvals.ts'
import { pendingRecoveries } from '../src/delegates/recoveries/approvals.ts'
import { pendingLiftings } from '../src/organisations/seals/approvals.ts'
import type { Caller } from '../src/platform/access.ts'
import type { ActionContext } from '../src/platform/actions/action-context.ts'
import { anonymousRole, callerRole, serviceRole } from '../src/platform/database/roles.ts'
import { rlsContextOf } from '../src/platform/database/rls-context.ts'
import { codeOf } from '../src/platform/database/sqlstate.ts'
import { openTables, secured } from './fixtures/secured.ts'
import { resources } from './resources/index.ts'
import type { Visible } from './resources/resource.ts'

/** Internal tables of the service: no request reads a row of them. */
const nobodys: ReadonlySet<string> = new Set(['authorities', 'ledger_leaves', 'seal_version'])

/** Functions that work with the rights of the owner, past the policies: each gives or writes one thing and nothing else. */
const definersAllowed = [
  'has_sealed',
  'keep_authorities_of_mandate',
  'keep_authorities_of_organisation',
  'name_visit',
  'rename_pact_of_visits',
  'rename_side_of_visits',
  'renew_authorities',
  'renew_seal_version',
]

/** The rows that each caller sees of each table, and their total. */
const visible = Object.assign({}, ...resources.map((one) => one.visible ?? {})) as Record<string, Visible>

/** The same for callers without a token. */
const toAnybody = Object.assign({}, ...resources.map((one) => one.anonymous ?? {})) as Record<string, number>

/** Shared by all tests, because their writes are rolled back. */
const world = await secured(t)

t.test(
  'row level security is enabled and forced on every table, and other roles have no policy',
  async (t) => {
    const { owner } = world

    const { rows } = await owner.query<{ name: string; enabled: boolean; forced: boolean; roles: string[] }>(`
    select relname as name, relrowsecurity as enabled, relforcerowsecurity as forced,
      array(
        select distinct unnest(roles) from pg_policies
        where schemaname = 'public' and tablename = relname
          and not (qual = 'runs_for_owner()' and roles = array[current_user])
      )::text[] as roles
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'f', 'm')`)
    const guarded = rows.filter(({ name }) => !openTables.has(name))
    t.ok(guarded.length >= 20)
    for (const { name, enabled, forced, roles } of guarded) {
      t.ok(enabled && forced, `${name} is guarded, from its owner too`)
      t.ok(
        roles.includes(serviceRole) && (nobodys.has(name) || roles.includes(callerRole)),
        `${name} has policies`,
      )
      t.same(
        roles.filter((role) => ![serviceRole, callerRole, anonymousRole].includes(role)),
        [],
        name,
      )
    }
  },
)

t.test(
  'no role or view of the service bypasses row level security, and only named functions do',
  async (t) => {
    const { owner } = world

    const roles = await owner.query(
      `select rolname from pg_roles where rolname like 'solidarity_pact%' and (rolsuper or rolbypassrls or rolcreaterole)`,
    )
    const definers = await owner.query<{ proname: string; prosrc: string }>(
      `select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by 1`,
    )
    const views = await owner.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
     and not coalesce(reloptions @> '{security_invoker=true}', false)`,
    )
    const truncating = await owner.query(
      `select grantee, table_name from information_schema.role_table_grants
     where privilege_type = 'TRUNCATE' and grantee like 'solidarity_pact%'`,
    )
    const anonymous = await owner.query<{ what: string }>(
      `select distinct table_name || ' ' || privilege_type as what from information_schema.role_table_grants
     where grantee = '${anonymousRole}' order by 1`,
    )

    for (const { rows } of [roles, views, truncating]) t.same(rows, [])
    t.same(
      definers.rows.map(({ proname }) => proname),
      definersAllowed,
    )
    for (const { proname, prosrc } of definers.rows)
      t.notMatch(
        prosrc,
        /\b(from|join|into|update|using) +(?!public\.|unnest|lateral)[a-z]/,
        `${proname} takes no table of a temporary schema for ours`,
      )
    t.same(
      anonymous.rows.map(({ what }) => what),
      Object.keys(toAnybody)
        .sort()
        .map((table) => `${table} SELECT`),
    )
  },
)

t.test('each caller sees their own rows of every table, and only the permitted rows of others', async (t) => {
  const { house, as, tables } = world
  const { callers } = house

  const seen: Record<string, Record<string, number>> = {}
  for (const [name, caller] of Object.entries(callers)) {
    seen[name] = {}
    for (const table of tables) seen[name][table] = await as(caller, `select from ${table}`)
  }

  for (const [table, [expected, all]] of Object.entries(visible)) {
    t.same(
      Object.fromEntries(Object.keys(callers).map((name) => [name, seen[name]?.[table]])),
      Object.fromEntries(Object.keys(callers).map((name, i) => [name, expected[i]])),
      table,
    )
    t.equal(await as({ kind: 'system' }, `select from ${table}`), all, `${table}, all of them`)
  }
  t.same(
    tables.filter((table) => !(table in visible)),
    ['ledger', 'transition_reasons', 'unsealed_entries'],
    'every table was counted; the ledger, entry by entry, below',
  )
})

t.test('a seal is visible to those who may approve its lifting while that is pending', async (t) => {
  const { house, as, owner } = world
  const { coordinator, operator } = house.callers
  const present = house.now().toISOString()
  const seen = async () => [
    await as(coordinator, 'select from seals'),
    await as(operator, 'select from seals'),
  ]
  t.same(await seen(), [1, 1])

  house.travelTo(new Date(house.now().getTime() + 72 * 3_600_000).toISOString())
  t.same(await seen(), [0, 0], 'it has lapsed')
  house.travelTo(present)
  await owner.query('update seals set lifted_by_id = gen_random_uuid(), lifted_at = now()')
  t.same(await seen(), [0, 0], 'it is lifted')

  await owner.query('update seals set lifted_by_id = null, lifted_at = null')
  t.same(await seen(), [1, 1])
})

t.test('the list of approvals contains no row that the policies hide from the caller', async (t) => {
  const { house } = world
  const { coordinator, stranger, host } = house.callers
  const now = house.now().toISOString()
  const listedFor = (caller: Caller) =>
    house.database.as(rlsContextOf(caller)).transaction(async (tx) => {
      await tx.$client.query(`select set_config('pact.now', '${now}', true)`)
      // The caller is a coordinator, for whom the statements have no conditions.
      const context = { caller: coordinator, now } as ActionContext
      const rows: string[] = []
      for (const source of [pendingLiftings, pendingRecoveries, pendingDisclosures])
        rows.push(
          ...(await source.list(tx, context, { after: undefined, limit: 100 })).map(({ kind }) => kind),
        )
      return rows
    })

  t.same(await listedFor(coordinator), ['seal_lifting', 'recovery'])
  t.same(await listedFor(stranger), ['recovery'], 'of their own organisation')
  t.same(await listedFor(host), [])
})

t.test('an anonymous caller sees public rows and has no grant on other tables', async (t) => {
  const { house, tables } = world
  const { read } = house.database.as(rlsContextOf({ kind: 'anonymous' }))
  const seen: Record<string, number | string> = {}

  for (const table of tables) {
    seen[table] = await read.$client.query(`select from ${table}`).then(
      ({ rowCount }) => rowCount ?? 0,
      (error: unknown) => codeOf(error) ?? 'unknown',
    )
  }

  t.match(seen, toAnybody)
  const others = tables.filter((table) => !(table in toAnybody))
  for (const table of others) t.equal(seen[table], '42501', table)
})

t.test('a caller sees their own ledger entries and those of things they may read', async (t) => {
  const { house, as, owner } = world
  const { host, stranger } = house.callers
  const { rows } = await owner.query('select id from visit_participants')
  const participantId = rows[0]?.id as string
  const foreign = (subject: string) => `select from ledger where subject_id = '${subject}'`

  t.ok((await as(host, foreign(house.pactId))) > 3)
  t.ok((await as(host, foreign(house.visitId))) > 3)
  t.ok((await as(host, foreign(participantId))) > 0)
  for (const subject of [house.pactId, house.visitId, participantId, house.draftId]) {
    t.equal(await as(stranger, foreign(subject)), 0)
  }
  t.equal(await as(host, foreign(house.draftId)), 0, 'a draft is its proposer’s')
  const ownDevice = (
    await owner.query(
      `select subject_id from ledger where type = 'token.minted' and organisation_id is null and actor_id = '${house.guest.delegateId}'`,
    )
  ).rows[0]?.subject_id
  t.equal(await as(house.callers.guest, foreign(ownDevice)), 1, 'one’s own token, for nobody’s organisation')
  t.equal(await as(stranger, foreign(ownDevice)), 0)
})

t.test('only the person and the administrators read the history of an ended mandate', async (t) => {
  const { house, as, owner } = world
  const { visitor, guest, coordinator, stranger } = house.callers
  const { mandateId } = house.coordinator
  const history = `select from ledger where subject_id = '${mandateId}'`
  const person = { ...coordinator, mandates: [] }
  const now = (status: string) =>
    owner.query('update mandates set status = $2 where id = $1', [mandateId, status])

  t.ok((await as(guest, history)) > 0, 'while it stands, colleagues too')
  t.equal(await as(stranger, history), 0)
  await now('recalled')
  for (const who of [person, visitor]) t.ok((await as(who, history)) > 0)
  for (const who of [guest, stranger]) t.equal(await as(who, history), 0)
  await now('active')
})

t.test('an ordinary member reads no ledger entry meant for administrators', async (t) => {
  const { house, as } = world
  const { visitor, guest } = house.callers
  const entries = `select from ledger where organisation_id = '${house.icog.id}'
    and object in ('delegate', 'enrolment_link', 'token') and actor_id <> '${house.guest.delegateId}'`

  t.ok((await as(visitor, entries)) > 0)
  t.equal(await as(guest, entries), 0)
})

t.test('a caller reads a reason only with its entry, and nobody reads entries without a leaf', async (t) => {
  const { house, as, owner } = world
  await owner.query(
    `insert into transition_reasons select id, at, 'Why.', gen_random_uuid() from ledger on conflict do nothing`,
  )
  const { rows } = await owner.query<{ id: string }>('select id from ledger where subject_id = $1', [
    house.pactId,
  ])
  const reasons = `select from transition_reasons where entry_id = any ('{${rows.map(({ id }) => id).join()}}')`

  t.ok(rows.length > 3)
  t.equal(await as(house.callers.host, reasons), rows.length)
  t.equal(await as(house.callers.stranger, reasons), 0)
  // The columns that anybody may read, with the reasons or without.
  const { host, guest, stranger, provisional, coordinator, operator } = house.callers
  for (const [object, told, untold] of [
    ['organisation', [host, coordinator, operator], [stranger, provisional]],
    ['affiliation', [host, guest], [stranger]],
  ] as const) {
    const entries = `from ledger where object = '${object}' and '${house.host.id}' in (subject_id, organisation_id)`
    const why = `select from transition_reasons where entry_id in (select id ${entries})`
    for (const caller of [...told, ...untold]) t.ok((await as(caller, `select ${entries}`)) > 0, object)
    for (const caller of told) t.ok((await as(caller, why)) > 0, object)
    for (const caller of untold) t.equal(await as(caller, why), 0, object)
  }
  for (const caller of Object.values(house.callers))
    t.equal(await as(caller, 'select from unsealed_entries'), 0)
})

t.test('the policies allow or deny each statement as the fixture of its resource says', async (t) => {
  const { house, as, owner } = world
  for (const { name, attempts } of resources) {
    for (const { by, outcome, statement, rows } of attempts?.(world) ?? []) {
      const met = await as(house.callers[by], statement).catch((error: unknown) => codeOf(error) ?? error)
      const told = `${name}, ${by}, ${outcome}: ${statement}`
      if (outcome === 'denied') t.equal(met, '42501', told)
      else if (outcome === 'unmatched') t.equal(met, 0, told)
      else if (rows !== undefined) t.equal(met, rows, told)
      else t.ok(Number(met) > 0, `${told}: ${met}`)
    }
  }
  const { rows } = await owner.query('select title from pacts where id = $1', [house.pactId])
  t.not(rows[0]?.title, 'Forged')
})

t.test('the policies keep a party in its pact, and show the pact to it once it is proposed', async (t) => {
  const { house, owner } = world
  for (const statement of [
    `delete from pact_parties where pact_id = '${house.draftId}'`,
    `update pact_parties set organisation_id = '${house.stranger.id}' where pact_id = '${house.draftId}'`,
  ]) {
    const refused = await owner.query(statement).then(
      () => 'done',
      (error: unknown) => codeOf(error),
    )
    t.equal(refused, '23001', statement)
  }
  const { rows } = await owner.query<{ id: string; known_to: string[] }>('select id, known_to from pacts')
  const knownTo = (id: string) => rows.find((row) => row.id === id)?.known_to.toSorted()
  t.same(knownTo(house.draftId), [house.icog.id], 'a draft is known to its proposer')
  t.same(knownTo(house.pactId), [house.icog.id, house.union.id].sort(), 'and what was proposed, to all')
})
