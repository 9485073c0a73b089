/**
 * Row level security, policies, triggers and functions. Each folder with tables says them in `policies.sql` and `functions.sql`, and
 * `migrate` makes them anew whenever the files or the database have changed: the files are all that counts.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const source = fileURLToPath(new URL('../..', import.meta.url))

export type Policies = {
  readonly files: readonly { readonly name: string; readonly sql: string }[]
  /** SHA-256 of all of them. */
  readonly digest: string
}

/**
 * Functions first, because policies and triggers name them; those of the platform before those of the features, because PostgreSQL
 * checks the body of an SQL function at once. A PL/pgSQL function may name what is made later.
 */
export function readPolicies(): Policies {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' })
  const inOrder = ['functions.sql', 'policies.sql'].flatMap((kind) =>
    names
      .filter((name) => path.basename(name) === kind)
      .sort((a, b) => Number(isOfFeature(a)) - Number(isOfFeature(b)) || (a < b ? -1 : 1)),
  )
  const files = inOrder.map((name) => ({ name, sql: readFileSync(path.join(source, name), 'utf8') }))
  return { files, digest: createHash('sha256').update(JSON.stringify(files)).digest('hex') }
}

const isOfFeature = (name: string): boolean => !name.startsWith('platform')

/** Whether these files are those that the database was given last. */
export async function hasPolicies(client: pg.Client, { digest }: Policies): Promise<boolean> {
  return (await noted(client)).startsWith(noteOf(digest, ''))
}

/** The same, and nobody has changed them in the database since. Takes no lock on a table. */
export async function policiesAreIntact(owner: pg.Client, { digest }: Policies): Promise<boolean> {
  return (await noted(owner)) === noteOf(digest, await catalogueDigest(owner))
}

/** Inside the caller's transaction, which makes them anew: without a policy nobody is shown a row. */
export async function dropPolicies(owner: pg.Client): Promise<void> {
  await owner.query(dropAll)
}

/** Inside the transaction in which they were dropped. */
export async function createPolicies(owner: pg.Client, { files, digest }: Policies): Promise<void> {
  for (const { sql } of files) await owner.query(sql)
  const note = pg.escapeLiteral(noteOf(digest, await catalogueDigest(owner)))
  await owner.query(`comment on table public.migrations is ${note}`)
}

const noteOf = (filesDigest: string, catalogueDigest: string): string =>
  `policies ${filesDigest} ${catalogueDigest}`

async function noted(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ note: string | null }>(
    `select obj_description(to_regclass('public.migrations'), 'pg_class') as note`,
  )
  return rows[0]?.note ?? ''
}

async function catalogueDigest(owner: pg.Client): Promise<string> {
  const { rows } = await owner.query<{ digest: string }>(catalogue)
  return rows[0]?.digest ?? ''
}

const ownTables = `select oid, relname, relrowsecurity, relforcerowsecurity from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and pg_has_role(relowner, 'usage')`

const dropAll = `
  do $$ declare statement text; begin
    for statement in
      with own as (${ownTables})
      select format('drop policy %I on public.%I', polname, relname) from pg_policy join own on own.oid = polrelid
      union all
      select format('drop trigger %I on public.%I', tgname, relname) from pg_trigger join own on own.oid = tgrelid
      where not tgisinternal
    loop execute statement; end loop;
  end $$`

/** As PostgreSQL writes them down itself, so that a change by hand shows whatever it consists of. */
const catalogue = `
  with own as (${ownTables}),
  made (definition) as (
    select concat_ws(' ', relname, relrowsecurity, relforcerowsecurity) from own
    union all select pg_policies::text from pg_policies where schemaname = 'public'
    union all select concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)
      from pg_trigger join own on own.oid = tgrelid where not tgisinternal
    union all select pg_get_functiondef(oid) from pg_proc
      where pronamespace = 'public'::regnamespace and prokind = 'f' and not exists (
        select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
  )
  select encode(sha256(convert_to(string_agg(definition, E'\\n' order by definition collate "C"), 'UTF8')), 'hex') as digest from made`
