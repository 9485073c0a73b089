/** Brings a database to the schema that this version of the service expects. */
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { prepareJobs, type Job } from './jobs.ts'

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))
/** Any number will do, as long as every version of the service uses the same one. */
const migrationLock = 7_316_021

/** Tables and rules first, then a queue for every job. */
export async function migrate(databaseUrl: string, jobs: readonly Job[]): Promise<void> {
  await applySchema(databaseUrl)
  await prepareJobs(databaseUrl, jobs)
}

/** Safe to call from several processes at once: drizzle's migrator takes no lock, so this one does. */
async function applySchema(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c client_min_messages=warning' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await applyMigrations(drizzle(client), {
      migrationsFolder,
      migrationsSchema: 'public',
      migrationsTable: 'migrations',
    })
  } finally {
    await client.end()
  }
}
