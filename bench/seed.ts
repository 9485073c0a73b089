/**
 * `npm run bench:seed` fills the database of the benchmark. Each step is one transaction that runs once, so a second run
 * changes nothing, and an interrupted run continues where it stopped.
 */
import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { publicTables } from '../src/features.ts'
import { jobs } from '../src/jobs.ts'
import { isStartFailure } from '../src/platform/failures.ts'
import { migrate } from '../src/platform/start/migrate.ts'
import { connected, openDatabase } from './database.ts'

const steps = ['1-organisations', '2-people', '3-pacts', '4-visits', '5-ledger', '6-known']
const counted = [
  'organisations',
  'delegates',
  'mandates',
  'tokens',
  'pacts',
  'pact_parties',
  'proposals',
  'responses',
  'signatures',
  'visits',
  'visit_participants',
  'bookings',
  'ledger',
]

try {
  const database = await openDatabase()
  try {
    await migrate(database.url, { jobs, publicTables })
    await connected(database.url, seed)
  } finally {
    await database.stop()
  }
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

async function seed(client: pg.Client): Promise<void> {
  await client.query(
    'create table if not exists bench_steps (step text primary key, done_at timestamptz not null)',
  )
  await client.query(await sqlOf('0-functions'))
  const { rows } = await client.query<{ step: string }>('select step from bench_steps')
  const done = new Set(rows.map((row) => row.step))
  for (const step of steps) {
    if (done.has(step)) console.log(`${step}: done before`)
    else await timed(step, async () => carryOut(client, step))
  }
  if (!steps.every((step) => done.has(step)))
    await timed('vacuum and analyze', () => client.query('vacuum (analyze)'))
  await tellCounts(client)
}

async function carryOut(client: pg.Client, step: string): Promise<void> {
  await client.query('begin')
  await client.query(await sqlOf(step))
  await client.query('insert into bench_steps values ($1, now())', [step])
  await client.query('commit')
}

async function sqlOf(step: string): Promise<string> {
  return readFile(new URL(`seed/${step}.sql`, import.meta.url), 'utf8')
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await work()
  console.log(`${what}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

async function tellCounts(client: pg.Client): Promise<void> {
  for (const table of counted) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${table}`)
    console.log(`${table.padEnd(20)} ${Number(rows[0]?.count).toLocaleString('en').padStart(9)}`)
  }
}
