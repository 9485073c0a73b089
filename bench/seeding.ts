/**
 * Seeds a database for the benchmarks. Each step is one transaction that runs once, so a second run changes nothing, and an
 * interrupted run continues where it stopped.
 */
import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { publicTables } from '../src/features.ts'
import { jobs } from '../src/jobs.ts'
import { skeletonsVersion } from '../src/platform/wire/skeletons.ts'
import { zoneRules } from '../src/platform/wire/zones.ts'
import { migrate } from '../src/platform/start/migrate.ts'

/** The tables that each step fills. */
const filledBy: Readonly<Record<string, readonly string[]>> = {
  '1-organisations': ['organisations'],
  '2-people': ['delegates', 'mandates', 'tokens'],
  '3-pacts': ['pacts', 'pact_parties', 'proposals', 'responses', 'signatures', 'pact_pairs'],
  '4-visits': ['visits', 'visit_participants', 'bookings'],
  '5-ledger': ['ledger'],
  '6-known': [],
  '7-housekeeping': [
    'ledger_leaves',
    'idempotency_keys',
    'offer_links',
    'invitations',
    'enrolment_links',
    'identity_reads',
    'disclosures',
    'recoveries',
    'transition_reasons',
    'itineraries',
  ],
}
const steps = Object.keys(filledBy)

/** The data keys of persons and visits. */
const keysSql = `
  insert into wrapped_keys (subject_id, subject_kind, version, wrapped, root_fingerprint, created_at)
  select md5('subject ' || n)::uuid, case when n % 4 = 0 then 'visit' else 'person' end, 1,
    sha256(convert_to('key ' || n, 'utf8')), 'benchmark', now()
  from generate_series(1, $1) n on conflict do nothing`

type Log = (line: string) => void

export const migrateForBench = (url: string): Promise<unknown> => migrate(url, { jobs, publicTables })

/** `scale` 1 is 100,000 organisations, as many pacts, and twice as many visits. */
export async function seed(client: pg.Client, scale: number, log: Log = console.log): Promise<void> {
  await client.query(
    'create table if not exists bench_steps (step text primary key, done_at timestamptz not null)',
  )
  // The versions of what the service would compute anew.
  const settings = { scale, skeletons_version: skeletonsVersion, zone_data_version: zoneRules.version }
  for (const [name, value] of Object.entries(settings))
    await client.query('select set_config($1, $2, false)', [`bench.${name}`, String(value)])
  await client.query(await sqlOf('0-functions'))
  const { rows } = await client.query<{ step: string }>('select step from bench_steps')
  const done = new Set(rows.map((row) => row.step))
  for (const step of steps) {
    if (done.has(step)) log(`${step}: done before`)
    else await timed(log, step, () => carryOut(client, step))
  }
  if (!steps.every((step) => done.has(step)))
    await timed(log, 'vacuum and analyze', () => client.query('vacuum (analyze)'))
}

/** Twice as many data keys as organisations. */
export async function seedKeys(client: pg.Client, scale: number): Promise<void> {
  await client.query('alter table wrapped_keys disable trigger user')
  await client.query(keysSql, [200_000 * scale])
  await client.query('alter table wrapped_keys enable trigger user')
  await client.query('vacuum (analyze)')
}

async function carryOut(client: pg.Client, step: string): Promise<void> {
  await client.query('begin')
  const definitions = await dropIndexes(client, filledBy[step] ?? [])
  await client.query(await sqlOf(step))
  for (const definition of definitions) await client.query(definition)
  await client.query('insert into bench_steps values ($1, now())', [step])
  await client.query('commit')
}

/**
 * Drops the indexes that no constraint needs and returns their definitions. Building an index over all rows at once is
 * much quicker than adding row by row.
 */
async function dropIndexes(client: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = any ($1::regclass[])
       and not exists (select from pg_constraint where conindid = indexrelid)`,
    [tables],
  )
  for (const { name } of rows) await client.query(`drop index ${name}`)
  return rows.map(({ definition }) => definition)
}

async function sqlOf(step: string): Promise<string> {
  return readFile(new URL(`seed/${step}.sql`, import.meta.url), 'utf8')
}

async function timed(log: Log, what: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await work()
  log(`${what}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}
