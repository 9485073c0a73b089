/** Prepares a database as its owner, before the service connects as its own user. */
import { createHmac, randomBytes } from 'node:crypto'
import pg from 'pg'
import { publicTables } from './features.ts'
import { jobs } from './jobs.ts'
import { requireFitForSchema } from './platform/start/database-check.ts'
import { cannotMigrate, isStartFailure, startFailure } from './platform/failures.ts'
import { migrate } from './platform/start/migrate.ts'
import { admitLogin, serviceRole, type Login } from './platform/database/roles.ts'
import { codeOf } from './platform/database/sqlstate.ts'
import { keysRole, migrateKeys } from './platform/vault/database.ts'

/**
 * Updates the embedded database and returns the address for the service. Its password is new each time and stored
 * nowhere. On a shared server, give a user name that nobody else has.
 */
export const provisionOwnDatabase = (ownerUrl: string, loginName = 'solidarity_pact'): Promise<string> =>
  provisionLogin(ownerUrl, loginName, updateSchema)

/** The same for the database of the keys. */
export const provisionOwnKeys = (
  ownerUrl: string,
  loginName = 'solidarity_pact_keyholder',
): Promise<string> => provisionLogin(ownerUrl, loginName, migrateKeys)

/**
 * Lets a command connect beside a running service with the embedded database. It changes nothing in it: the service
 * keeps its user and password.
 */
export const connectOwnDatabase = (
  ownerUrl: string,
  loginName = 'solidarity_pact_command',
): Promise<string> =>
  provisionLogin(
    ownerUrl,
    loginName,
    (url, login) => admit(url, login, serviceRole),
    passwordOf(ownerUrl, loginName),
  )

/** The same for the database of the keys. */
export const connectOwnKeys = (
  ownerUrl: string,
  loginName = 'solidarity_pact_keys_command',
): Promise<string> =>
  provisionLogin(
    ownerUrl,
    loginName,
    (url, login) => admit(url, login, keysRole),
    passwordOf(ownerUrl, loginName),
  )

/**
 * One user for all commands, so that two at once do not lock each other out. The owner's password gives more rights
 * than this one.
 */
const passwordOf = (ownerUrl: string, loginName: string): string =>
  createHmac('sha256', new URL(ownerUrl).password).update(loginName).digest('hex')

const admissionLock = 7_316_024

async function admit(ownerUrl: string, login: Login, role: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  // A lost server makes the queries fail. Without a listener its error would end the process.
  owner.on('error', () => undefined)
  await owner.connect()
  try {
    // PostgreSQL refuses to change one role from two sessions at once.
    await owner.query('select pg_advisory_lock($1)', [admissionLock])
    await admitLogin(owner, login, role)
  } finally {
    await owner.end()
  }
}

async function provisionLogin(
  ownerUrl: string,
  loginName: string,
  bring: (ownerUrl: string, login: Login) => Promise<void>,
  password = randomBytes(24).toString('hex'),
): Promise<string> {
  const login = { name: loginName, password, renewed: true as const }
  await bring(ownerUrl, login)
  const url = new URL(ownerUrl)
  url.username = login.name
  url.password = login.password
  return url.href
}

/** Updates a given database, and creates the user of `serviceUrl` if there is one. */
export async function provisionGivenDatabase(
  ownerUrl: string,
  serviceUrl: string | undefined,
): Promise<void> {
  await requireFitForSchema(ownerUrl)
  await updateSchema(ownerUrl, serviceUrl === undefined ? undefined : loginOf(serviceUrl, ownerUrl))
}

/** The same for the key database, which must be another one. */
export const provisionGivenKeys = (ownerUrl: string, serviceUrl: string | undefined): Promise<void> =>
  migrateKeys(
    ownerUrl,
    serviceUrl === undefined ? undefined : loginOf(serviceUrl, ownerUrl, 'KEYS_DATABASE_URL'),
  )

function loginOf(serviceUrl: string, ownerUrl: string, setting = 'DATABASE_URL'): Login {
  const { username, password } = new URL(serviceUrl)
  if (!username || username === new URL(ownerUrl).username) {
    throw startFailure(
      `${setting} must name a user of its own, other than that of OWNER_${setting}; npm run migrate makes it.`,
    )
  }
  const name = decodeURIComponent(username)
  return password ? { name, password: decodeURIComponent(password) } : { name }
}

async function updateSchema(ownerUrl: string, login: Login | undefined): Promise<void> {
  try {
    await migrate(ownerUrl, { jobs, publicTables }, login)
  } catch (error) {
    if (isStartFailure(error)) throw error
    throw cannotMigrate(codeOf(error), error)
  }
}
