/** The PostgreSQL of a test run: one server with a migrated template that tests copy, and a key database. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { publicTables } from '../../src/features.ts'
import { jobs } from '../../src/jobs.ts'
import type { Login } from '../../src/platform/database/roles.ts'
import { startEmbedded } from '../../src/platform/embedded/embedded.ts'
import { startFailure } from '../../src/platform/failures.ts'
import { migrate } from '../../src/platform/start/migrate.ts'
import { provisionOwnKeys } from '../../src/provision-database.ts'

export type TestServer = {
  /** Environment variables that tell the tests the addresses. */
  environment: NodeJS.ProcessEnv
  /** Also removes what the run has made in it. */
  stop(): Promise<void>
}

/** An embedded server, or that of TEST_DATABASE_URL. */
export async function openTestServer(dataFolder: string): Promise<TestServer> {
  const prefix = `pact_test_${randomBytes(4).toString('hex')}`
  /** The login of the service in every test. */
  const service = { name: `${prefix}_service`, password: randomBytes(16).toString('hex') }
  const { url, stop } = await startServer(dataFolder)
  const stopWithout = async () => {
    await dropAll(url, prefix, service.name)
    await stop()
  }
  try {
    const environment = {
      TEST_SERVER_URL: url,
      TEST_SERVICE_URL: changed(url, { username: service.name, password: service.password }),
      TEST_TEMPLATE: await makeTemplate(url, `${prefix}_template`, service),
      TEST_KEYS_URL: await makeKeysDatabase(url, prefix),
    }
    return { environment, stop: stopWithout }
  } catch (error) {
    await stopWithout()
    throw error
  }
}

async function startServer(dataFolder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) return { url: await requireSuperuser(given), stop: async () => undefined }
  return startEmbedded({ dataFolder, fast: true })
}

async function requireSuperuser(url: string): Promise<string> {
  const question = 'select rolsuper as may from pg_roles where rolname = current_user'
  const { rows } = await onServer(url, (server) => server.query<{ may: boolean }>(question)).catch(
    (error: unknown) => {
      throw startFailure('TEST_DATABASE_URL leads to no PostgreSQL server that lets its user in.', error)
    },
  )
  if (rows[0]?.may) return url
  throw startFailure(
    'The user of TEST_DATABASE_URL must be a superuser: tests make databases and users, and try what those may not.',
  )
}

async function makeTemplate(serverUrl: string, name: string, service: Login): Promise<string> {
  await onServer(serverUrl, (server) => server.query(`create database ${name} template template0`))
  const url = changed(serverUrl, { pathname: name })
  await migrate(url, { jobs, publicTables }, service)
  // Removes a guard from the database, for test/guards.
  const sql = process.env['TEST_TEMPLATE_SQL']
  if (sql) await onServer(url, (owner) => owner.query(sql))
  return name
}

/** One key database for all tests, because no two tests have a person in common. */
async function makeKeysDatabase(serverUrl: string, prefix: string): Promise<string> {
  const name = `${prefix}_keys`
  await onServer(serverUrl, (server) => server.query(`create database ${name} template template0`))
  return provisionOwnKeys(changed(serverUrl, { pathname: name }), `${prefix}_keyholder`)
}

async function dropAll(serverUrl: string, prefix: string, serviceName: string): Promise<void> {
  await onServer(serverUrl, async (server) => {
    const made = await server.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    )
    for (const { datname } of made.rows) await server.query(`drop database if exists ${datname} with (force)`)
    await server.query(`drop role if exists ${serviceName}`)
    await server.query(`drop role if exists ${prefix}_keyholder`)
  })
}

const changed = (url: string, parts: { pathname?: string; username?: string; password?: string }): string =>
  Object.assign(new URL(url), parts).href

async function onServer<T>(url: string, work: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: url })
  try {
    await server.connect()
    return await work(server)
  } finally {
    await server.end()
  }
}
