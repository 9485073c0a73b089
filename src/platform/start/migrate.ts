/** Brings a database to the schema that this version of the service expects. Done by the owner of its tables. */
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { startFailure } from '../failures.ts'
import { prepareJobs, type Job } from '../jobs/queue.ts'
import { admitLogin, grantRights, makeRoles, type Login } from '../database/roles.ts'
import { codeOf } from '../database/sqlstate.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))
/** Any number will do, as long as every version of the service uses the same one. */
const migrationLock = 7_316_021

/**
 * Tables and rules first, then a queue for every job, then who may do what; with a login, that one is let in. Safe to
 * call from several processes at once. Throws a start failure when the owner may not make roles.
 */
export async function migrate(ownerUrl: string, jobs: readonly Job[], login?: Login): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl, options: '-c client_min_messages=warning' })
  // A lost server fails what was asked; unheard, its error would end the process.
  owner.on('error', () => undefined)
  await owner.connect()
  try {
    // drizzle's migrator takes no lock. Held until the connection ends.
    await owner.query('select pg_advisory_lock($1)', [migrationLock])
    await makeRoles(owner)
    await applyMigrations(drizzle(owner), {
      migrationsFolder,
      migrationsSchema: 'public',
      migrationsTable: 'migrations',
    })
    await prepareJobs(ownerUrl, jobs)
    await grantRights(owner)
    if (login) await admitLogin(owner, login)
  } finally {
    await owner.end()
  }
}

/** Throws a start failure when the schema is that of another version, or none of ours. Asked by the service itself. */
export async function requireMigrated(service: pg.Client): Promise<void> {
  const expected = readMigrationFiles({ migrationsFolder }).length
  const applied = await migrationsIn(service)
  if (applied === expected) return
  const state = applied > expected ? 'belongs to a newer version than this service' : 'is not at this version'
  const remedy = applied > expected ? 'start that version' : 'run npm run migrate with OWNER_DATABASE_URL'
  throw startFailure(`The database of DATABASE_URL ${state}; ${remedy}.`)
}

async function migrationsIn(service: pg.Client): Promise<number> {
  try {
    const question = 'select count(*)::int as applied from public.migrations'
    const { rows } = await service.query<{ applied: number }>(question)
    return rows[0]?.applied ?? 0
  } catch (error) {
    if (['42P01', '42501', '42703'].includes(codeOf(error) ?? '')) return 0
    throw error
  }
}
