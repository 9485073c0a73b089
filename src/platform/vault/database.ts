/** Creates the key database, and refuses a database that is not one. */
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { cannotMigrate, isStartFailure, startFailure } from '../failures.ts'
import {
  appliedMigrations,
  applyMigrations,
  readMigrations,
  refuseForeignSchema,
  schemaVersion,
} from '../database/migrations.ts'
import { admitLogin, makeRole, type Login } from '../database/roles.ts'
import { inTransaction } from '../database/schema-change.ts'
import { codeOf } from '../database/sqlstate.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations/keys', import.meta.url))
const migrationLock = 7_316_022
const aboutKeys = 'The database of the keys'
/** Not the role of the main database: access to its rows must not give access to keys. */
export const keysRole = 'solidarity_pact_keys'

const grants = [
  `grant usage on schema public to ${keysRole}`,
  `grant select on migrations to ${keysRole}`,
  `grant select, insert, update, delete on wrapped_keys to ${keysRole}`,
  // A tombstone stays.
  `grant select, insert on tombstones to ${keysRole}`,
  `grant select, insert, update on rotations to ${keysRole}`,
  `grant select, insert, delete on stuck to ${keysRole}`,
]

/** Creates the tables, then the grants. With a login, it also creates that user. Throws a start failure. */
export async function migrateKeys(ownerUrl: string, login?: Login): Promise<void> {
  const owner = await connect(ownerUrl, 'OWNER_KEYS_DATABASE_URL')
  try {
    await requireApart(owner)
    await owner.query('select pg_advisory_lock($1)', [migrationLock])
    const migrations = readMigrations(migrationsFolder)
    const applied = await appliedMigrations(owner)
    refuseForeignSchema(schemaVersion(migrations, applied), aboutKeys)
    await makeRole(owner, keysRole, 'nologin')
    await inTransaction(owner, async () => {
      await applyMigrations(owner, migrations, applied.length)
      await owner.query(`revoke all on all tables in schema public from ${keysRole}, public`)
      for (const grant of grants) await owner.query(grant)
    })
    if (login) await admitLogin(owner, login, keysRole)
  } catch (error) {
    throw isStartFailure(error) ? error : cannotMigrate(codeOf(error), error)
  } finally {
    await owner.end()
  }
}

/** Throws a start failure when keys must not or cannot be stored there. */
export async function requireFitForKeys(url: string | undefined): Promise<string> {
  if (url === undefined) {
    throw startFailure(
      'KEYS_DATABASE_URL is missing: the keys of what is private belong into a database of their own, so that a backup of the ' +
        'other one opens nothing. Make one with createdb, set KEYS_DATABASE_URL and OWNER_KEYS_DATABASE_URL, and run npm run migrate.',
    )
  }
  const service = await connect(url, 'KEYS_DATABASE_URL')
  try {
    await requireApart(service)
    const version = schemaVersion(readMigrations(migrationsFolder), await appliedMigrations(service))
    refuseForeignSchema(version, aboutKeys)
    if (version === 'current') {
      await requireNoOwner(service)
      return url
    }
  } finally {
    await service.end()
  }
  throw startFailure(
    'The database of KEYS_DATABASE_URL is not at this version, or its user has no rights in it; run npm run migrate with ' +
      'OWNER_KEYS_DATABASE_URL.',
  )
}

async function requireApart(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ main: boolean }>(
    "select to_regclass('public.ledger') is not null as main",
  )
  if (!rows[0]?.main) return
  throw startFailure(
    'KEYS_DATABASE_URL leads to the database that holds what the keys open; give the keys another database, better on ' +
      'another server.',
  )
}

/** The owner of the tables could delete the tombstones. */
async function requireNoOwner(service: pg.Client): Promise<void> {
  const { rows } = await service.query<{ owner: boolean }>(
    `select rolsuper or pg_has_role(current_user, relowner, 'usage') as owner
     from pg_class, pg_roles where pg_class.oid = 'public.tombstones'::regclass and rolname = current_user`,
  )
  if (!rows[0]?.owner) return
  throw startFailure(
    'The user of KEYS_DATABASE_URL owns its tables, or is a superuser; give the service a user of its own: set ' +
      'OWNER_KEYS_DATABASE_URL to this one and KEYS_DATABASE_URL to the new one, and run npm run migrate.',
  )
}

async function connect(url: string, setting: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    options: '-c client_min_messages=warning',
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    // The driver's own message may repeat the user and the address.
    throw startFailure(
      `The PostgreSQL server of ${setting} does not let its user in (${codeOf(error) ?? 'no answer'}); see that it runs, and ` +
        'that address, user and password are right.',
      error,
    )
  }
}
