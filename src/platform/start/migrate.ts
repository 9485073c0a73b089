/** Brings a database to the schema that this version of the service expects. Done by the owner of its tables. */
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startFailure } from '../failures.ts'
import { prepareJobs, type Job } from '../jobs/queue.ts'
import {
  appliedMigrations,
  applyMigrations,
  readMigrations,
  refuseForeignSchema,
  schemaVersion,
} from '../database/migrations.ts'
import {
  createPolicies,
  dropPolicies,
  hasPolicies,
  policiesAreIntact,
  readPolicies,
} from '../database/policies.ts'
import { admitLogin, grantRights, makeRoles, type Login } from '../database/roles.ts'
import { changeSchema, inTransaction } from '../database/schema-change.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))
/** An arbitrary number that all versions of the service share. */
const migrationLock = 7_316_021

/** What the features add to a database beside their tables. */
export type Brought = { readonly jobs: readonly Job[]; readonly publicTables: readonly string[] }

/**
 * Applies tables and policies, then a queue for every job, then the grants. With a login, it also creates that user.
 * Several processes may call it at once. Throws a start failure when the owner may not create roles, or the schema is
 * not ours.
 */
export async function migrate(ownerUrl: string, brought: Brought, login?: Login): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl, options: '-c client_min_messages=warning' })
  // A lost server makes the queries fail. Without a listener its error would end the process.
  owner.on('error', () => undefined)
  await owner.connect()
  try {
    // Held until the connection ends.
    await owner.query('select pg_advisory_lock($1)', [migrationLock])
    await makeRoles(owner)
    await updateSchema(owner)
    await prepareJobs(ownerUrl, brought.jobs)
    await inTransaction(owner, () => grantRights(owner, brought.publicTables))
    if (login) await admitLogin(owner, login)
  } finally {
    await owner.end()
  }
}

/** Locks no table when there is nothing to change. */
async function updateSchema(owner: pg.Client): Promise<void> {
  const migrations = readMigrations(migrationsFolder)
  const policies = readPolicies()
  const applied = await appliedMigrations(owner)
  const version = schemaVersion(migrations, applied)
  refuseForeignSchema(version, 'The database')
  if (version === 'current' && (await policiesAreIntact(owner, policies))) return
  await changeSchema(owner, async () => {
    // Before the migrations, because PostgreSQL changes no column that a policy or trigger names.
    await dropPolicies(owner)
    await applyMigrations(owner, migrations, applied.length)
    await createPolicies(owner, policies)
  })
}

/**
 * Throws a start failure when the schema belongs to another version, or is not ours. The service itself calls this.
 */
export async function requireMigrated(service: pg.Client): Promise<void> {
  const version = schemaVersion(readMigrations(migrationsFolder), await appliedMigrations(service))
  refuseForeignSchema(version, 'The database')
  if (version === 'current' && (await hasPolicies(service, readPolicies()))) return
  throw startFailure(
    'The database of DATABASE_URL is not at this version; run npm run migrate with OWNER_DATABASE_URL.',
  )
}
