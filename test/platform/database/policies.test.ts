import { globSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { publicTables } from '../../../src/features.ts'
import { jobs } from '../../../src/jobs.ts'
import { readPolicies } from '../../../src/platform/database/policies.ts'
import { migrate } from '../../../src/platform/start/migrate.ts'
import { cloneDatabase } from '../../databases.ts'
import { openTables } from '../../fixtures/secured.ts'

const source = path.resolve(import.meta.dirname, '../../../src')
const folder = path.resolve(source, '../migrations')
const migrations = globSync('*.sql', { cwd: folder }).map((file) =>
  readFileSync(path.join(folder, file), 'utf8'),
)

t.test('the policies and triggers of each table stand in one file, in the folder of the table', async (t) => {
  const { owner } = await ownDatabase(t)
  const folders = foldersOfTables()
  const { rows } = await owner.query<{ table: string; policies: string[]; triggers: string[] }>(`
    select relname as table,
      array(select polname::text from pg_policy where polrelid = pg_class.oid order by polname) as policies,
      array(select tgname::text from pg_trigger where tgrelid = pg_class.oid and not tgisinternal order by tgname) as triggers
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`)
  const guarded = rows.filter(({ table }) => !openTables.has(table))

  t.ok(guarded.length > 25, 'every table was looked at')
  for (const { table, policies, triggers } of guarded) {
    const about = new RegExp(
      `^(alter table|create (policy|(?:constraint )?trigger) [^;]*? on) ${table}\\b`,
      'm',
    )
    const files = readPolicies().files.filter(({ sql }) => about.test(sql))
    t.same(
      files.map(({ name }) => name),
      [`${folders.get(table)}/policies.sql`],
      table,
    )
    const sql = files[0]?.sql ?? ''
    t.match(sql, `alter table ${table} enable row level security, force row level security;`)
    t.same(namesIn(sql, new RegExp(`create policy (\\w+) on ${table}\\b`, 'g')), policies)
    t.same(
      namesIn(sql, new RegExp(`create (?:constraint )?trigger (\\w+) [^;]*? on ${table}\\b`, 'g')),
      triggers,
    )
  }
})

t.test(
  'each function stands in one file: its own, or a migration if a column is computed by it',
  async (t) => {
    const { owner } = await ownDatabase(t)
    const { rows } = await owner.query<{ name: string }>(`
    select proname as name from pg_proc
    where pronamespace = 'public'::regnamespace and not exists (
      select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
    order by proname collate "C"`)

    const texts = [...migrations, ...readPolicies().files.map(({ sql }) => sql)]
    const written = texts.flatMap((sql) => namesIn(sql, /^create (?:or replace )?function (\w+)/gm)).sort()

    t.ok(written.length > 30)
    t.same(
      written,
      rows.map(({ name }) => name),
    )
    t.same(
      migrations.flatMap((sql) => namesIn(sql, /\bcreate (?:policy|trigger) (\w+)/g)),
      [],
      'and migrations have no policies',
    )
  },
)

t.test('migrating a database that is up to date makes nothing anew and waits for no table', async (t) => {
  const { owner, ownerUrl } = await ownDatabase(t)
  const identities = async () =>
    (
      await owner.query(
        'select oid::text from pg_policy union all select oid::text from pg_trigger union all select xmin::text from pg_proc order by 1',
      )
    ).rows
  const before = await identities()
  await owner.query('begin; lock table pacts, tokens, migrations in row exclusive mode')

  await migrate(ownerUrl, { jobs, publicTables })

  await owner.query('commit')
  t.same(await identities(), before)
})

t.test('whatever is changed by hand in the database, migrating restores it', async (t) => {
  const { owner, ownerUrl } = await ownDatabase(t)
  const before = await definitions(owner)

  for (const change of [
    'alter policy pacts_of_parties on pacts using (true)',
    'alter policy pacts_of_parties on pacts to public',
    'drop policy identities_of_own on identities',
    'create policy open_to_all on identities using (true)',
    'alter table tokens disable row level security',
    'alter table tokens no force row level security',
    'alter table ledger disable trigger ledger_redacted',
    'drop trigger proposals_keep on proposals',
    `create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'`,
    'alter function is_disclosed(uuid) security definer',
  ]) {
    await owner.query(change)
    t.strictNotSame(await definitions(owner), before, change)
    await migrate(ownerUrl, { jobs, publicTables })
    t.strictSame(await definitions(owner), before, `restored after: ${change}`)
  }
})

t.test(
  'requests go first: no table is closed to them while one that is in use keeps migrating',
  async (t) => {
    const { owner, ownerUrl } = await ownDatabase(t)
    const before = await definitions(owner)
    const [busy, other] = [await connection(t, ownerUrl), await connection(t, ownerUrl)]
    await owner.query('drop policy pacts_of_parties on pacts')
    await busy.query('begin; lock table visits in row exclusive mode')

    let ended = false
    const migrating = migrate(ownerUrl, { jobs, publicTables }).then(() => (ended = true))
    await untilLockIsAwaited(other)
    // It holds locks on the tables before `visits` in the alphabet while it waits for that one.
    await other.query("set statement_timeout = '5s'; select from affiliations")
    const endedWhileBusy = ended
    const policies = await other.query("select from pg_policies where tablename = 'pacts'")
    await busy.query('commit')
    await migrating

    t.notOk(endedWhileBusy)
    t.equal(policies.rowCount, 2, 'and until then the database was as it was')
    t.strictSame(await definitions(owner), before)
  },
)

t.test('two that migrate an empty database at once make it once', async (t) => {
  const { owner, ownerUrl } = await ownDatabase(t)
  const before = await definitions(owner)
  await owner.query('drop schema public, jobs cascade; create schema public')

  await Promise.all([migrate(ownerUrl, { jobs, publicTables }), migrate(ownerUrl, { jobs, publicTables })])

  t.strictSame(await definitions(owner), before)
  const { rows } = await owner.query('select count(distinct xmin::text)::int as transactions from pg_policy')
  t.same(rows, [{ transactions: 1 }])
})

/** Waits until somebody waits for a locked table. */
async function untilLockIsAwaited(client: pg.Client): Promise<void> {
  const question = `select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like 'lock table %'`
  while ((await client.query(question)).rowCount === 0) await client.query('select pg_sleep(0.01)')
}

/** The definition of each policy, trigger, function and table, as PostgreSQL writes it. */
async function definitions(owner: pg.Client): Promise<string[]> {
  const { rows } = await owner.query<{ definition: string }>(`
    select pg_policies::text as definition from pg_policies
    union all select concat_ws(' ', pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal
    union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
    union all select concat_ws(' ', relname, relrowsecurity, relforcerowsecurity, relacl) from pg_class
      where relnamespace = 'public'::regnamespace
    order by 1`)
  return rows.map(({ definition }) => definition)
}

/** The folder whose TypeScript declares each table, by name. */
function foldersOfTables(): ReadonlyMap<string, string> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return new Map(
    files.flatMap((file) =>
      namesIn(readFileSync(path.join(source, file), 'utf8'), /\bpgTable\(\s*'(\w+)'/g).map(
        (table) => [table, path.dirname(file)] as const,
      ),
    ),
  )
}

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '').sort()

async function ownDatabase(t: Test): Promise<{ owner: pg.Client; ownerUrl: string }> {
  const { ownerUrl, drop } = await cloneDatabase()
  t.teardown(drop)
  return { owner: await connection(t, ownerUrl), ownerUrl }
}

async function connection(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // Dropping the database ends the connection.
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(() => client.end())
  return client
}
