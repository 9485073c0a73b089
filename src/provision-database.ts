/** Makes a database ready for the service: by its owner, before the service is let in under a user of its own. */
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
 * Brings a database of our own up to date and returns the address by which the service enters. Its password is new each
 * time, so none is kept anywhere; on a server that others use too, give a name that nobody else has.
 */
export const provisionOwnDatabase = (ownerUrl: string, loginName = 'solidarity_pact'): Promise<string> =>
  provisionLogin(ownerUrl, loginName, updateSchema)

/** The same for the database of the keys. */
export const provisionOwnKeys = (
  ownerUrl: string,
  loginName = 'solidarity_pact_keyholder',
): Promise<string> => provisionLogin(ownerUrl, loginName, migrateKeys)

/**
 * Lets a command in beside a service that runs on a database of our own. It is ready, so nothing of it is touched; and the
 * service keeps its user and the password that only it knows.
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

/** One for all commands, so that of two at once none locks the other out; whoever knows the owner's may do more with that. */
const passwordOf = (ownerUrl: string, loginName: string): string =>
  createHmac('sha256', new URL(ownerUrl).password).update(loginName).digest('hex')

const admissionLock = 7_316_024

async function admit(ownerUrl: string, login: Login, role: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  // A lost server fails what was asked; unheard, its error would end the process.
  owner.on('error', () => undefined)
  await owner.connect()
  try {
    // PostgreSQL refuses to change one role in two places at once.
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

/** Brings a given database up to date and lets the user of `serviceUrl`, if there is one, in. */
export async function provisionGivenDatabase(
  ownerUrl: string,
  serviceUrl: string | undefined,
): Promise<void> {
  await requireFitForSchema(ownerUrl)
  await updateSchema(ownerUrl, serviceUrl === undefined ? undefined : loginOf(serviceUrl, ownerUrl))
}

/** The same for the database of the keys, which must be another one. */
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
