/** The database of the benchmark: an existing one, or an embedded PostgreSQL with the settings of a real service. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../src/platform/embedded/embedded.ts'

export type BenchDatabase = {
  url: string
  /** URL of the key database, for its owner. */
  keysUrl: string
  /** Undefined for an existing database. */
  dataFolder: string | undefined
  stop(): Promise<void>
}

const dataFolder = path.resolve(import.meta.dirname, '../data/bench')

export async function openDatabase(): Promise<BenchDatabase> {
  const given = process.env['BENCH_DATABASE_URL']
  if (given)
    return {
      url: given,
      keysUrl: await keysBeside(given),
      dataFolder: undefined,
      stop: async () => undefined,
    }
  if (!existsSync(dataFolder)) console.log(`Making an embedded PostgreSQL in ${dataFolder}`)
  return { ...(await startEmbedded({ dataFolder })), dataFolder }
}

async function keysBeside(url: string): Promise<string> {
  const name = `${decodeURIComponent(new URL(url).pathname.slice(1))}_keys`
  await connected(withDatabase(url, 'postgres'), async (server) => {
    const { rowCount } = await server.query('select from pg_database where datname = $1', [name])
    if (!rowCount) await server.query(`create database ${pg.escapeIdentifier(name)}`)
  })
  return withDatabase(url, name)
}

/** Runs the work on a new connection. */
export async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    options: '-c timezone=UTC -c client_min_messages=warning',
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Runs the work on a copy of the seeded database, so that each run measures the same data. The copy is dropped
 * afterwards. The user needs the right to create databases.
 */
export async function onCopy<T>(url: string, work: (copyUrl: string) => Promise<T>): Promise<T> {
  const original = decodeURIComponent(new URL(url).pathname.slice(1))
  const copy = `${original}_bench_run`
  const quoted = pg.escapeIdentifier(copy)
  const serverUrl = withDatabase(url, 'postgres')
  await connected(serverUrl, async (server) => {
    await server.query(`drop database if exists ${quoted} with (force)`)
    await server.query(
      `create database ${quoted} template ${pg.escapeIdentifier(original)} strategy file_copy`,
    )
  })
  try {
    return await work(withDatabase(url, copy))
  } finally {
    await connected(serverUrl, (server) => server.query(`drop database ${quoted} with (force)`))
  }
}

/** The token of the seeded organisation with this number; bench/seed/2-people.sql stores its hash. */
export const secretOf = (number: number): string => `spt_benchmark_only_${String(number).padStart(24, '0')}`

/** The thousand organisations that propose all the pacts; bench/seed/0-functions.sql uses the same numbers. */
export const busyNumbers: readonly number[] = Array.from({ length: 1000 }, (_, k) => 100 * k + 1)

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = encodeURIComponent(database)
  return changed.href
}
