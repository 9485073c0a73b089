import pg from 'pg'
import t, { type Test } from 'tap'
import { restColumns } from '../src/platform/ledger/ledger.ts'
import { callerRole, serviceRole } from '../src/platform/database/roles.ts'
import { cloneDatabase } from './databases.ts'

type Rights = Record<
  'select' | 'insert' | 'update' | 'delete' | 'truncate' | 'references' | 'trigger',
  boolean
>

const rowsOnly = { truncate: false, references: false, trigger: false }
const readsAndWrites = { select: true, insert: true, update: true, delete: true, ...rowsOnly }
/** Tables with other rights than the rest. */
const exceptions: Readonly<Record<string, Partial<Rights>>> = {
  'public.migrations': { insert: false, update: false, delete: false },
  'public.ledger': { update: false, delete: false },
  'public.ledger_leaves': { update: false, delete: false },
  // Redacted after 24 months; a trigger allows only that.
  'public.identity_reads': { update: false },
  'public.transition_reasons': { update: false },
  'public.pact_parties': { delete: false },
  'public.responses': { update: false, delete: false },
  'public.signatures': { update: false, delete: false },
  'public.visit_reports': { update: false, delete: false },
  // Its status changes; a trigger protects its text.
  'public.proposals': { delete: false },
}

t.test('the service role can read and write rows of every table and nothing else', async (t) => {
  const { service } = await connections(t)

  const { rows } = await service.query<{ name: string } & Rights>(`
    select nspname || '.' || relname as name, ${Object.keys(readsAndWrites)
      .map((right) => `has_table_privilege(pg_class.oid, '${right}') as "${right}"`)
      .join(', ')}
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('public', 'jobs') and relkind in ('r', 'p')`)

  t.ok(rows.length > 25, 'every table was looked at')
  for (const { name, ...rights } of rows) t.same(rights, { ...readsAndWrites, ...exceptions[name] }, name)
  t.same(
    Object.keys(exceptions).filter((name) => !rows.some((row) => row.name === name)),
    [],
    'and every exception is of a table',
  )
})

t.test(
  'the service role may only redact personal columns of the ledger, and the caller role may not',
  async (t) => {
    const { owner } = await connections(t)
    const updatable = async (role: string) => {
      const { rows } = await owner.query<{ name: string }>(
        `select attname as name from pg_attribute
       where attrelid = 'ledger'::regclass and attnum > 0 and not attisdropped
         and has_column_privilege($1, attrelid, attnum, 'update') order by attname`,
        [role],
      )
      return rows.map(({ name }) => name)
    }

    t.same(
      await updatable(serviceRole),
      [
        'rest_hash',
        ...restColumns.map((column) => column.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
      ].sort(),
    )
    t.same(await updatable(callerRole), [])
  },
)

t.test('only the owner can change tables, take on other roles or disable a policy', async (t) => {
  const { service, owner } = await connections(t)
  const { rows } = await owner.query<{ owner: string }>('select current_user as owner')

  for (const statement of [
    'create table loot (name text)',
    'create schema loot',
    'drop table ledger',
    'truncate ledger',
    'truncate jobs.job',
    'alter table ledger disable trigger all',
    'alter table tokens disable row level security',
    "set session_replication_role = 'replica'",
    `set role ${pg.escapeIdentifier(rows[0]?.owner ?? '')}`,
    `alter role ${serviceRole} superuser`,
    'create role loot',
    "update ledger set type = 'pact.otherwise'",
    'delete from signatures',
  ]) {
    await t.rejects(service.query(statement), { code: '42501' }, statement)
  }
  await owner.query("begin; set local session_replication_role = 'replica'; delete from ledger; rollback")
})

async function connections(t: Test): Promise<{ service: pg.Client; owner: pg.Client }> {
  const { url, ownerUrl, drop } = await cloneDatabase()
  const [service, owner] = [url, ownerUrl].map((connectionString) => new pg.Client({ connectionString }))
  if (!service || !owner) throw new Error('two addresses make two connections')
  await Promise.all([service.connect(), owner.connect()])
  t.teardown(async () => {
    await Promise.all([service.end(), owner.end()])
    await drop()
  })
  return { service, owner }
}
