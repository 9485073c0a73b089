import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { provisionOwnKeys } from '../src/provision-database.ts'

const templateInUse = '55006'
const attemptsMax = 50

/** `url` is for the service's user, `ownerUrl` for the owner of the tables. */
export type TestDatabase = { url: string; ownerUrl: string; drop: () => Promise<void> }

/** A migrated, empty database for one test, copied from the template that `npm test` has made. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const { serverUrl, serviceUrl, template } = testServer()
  const name = `${template.replace(/_template$/, '')}_${randomBytes(6).toString('hex')}`
  // Copying the files takes a quarter of the time that copying through the log takes.
  await execute(serverUrl, `create database ${name} template ${template} strategy file_copy`)
  return {
    url: withDatabase(serviceUrl, name),
    ownerUrl: withDatabase(serverUrl, name),
    drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`),
  }
}

/** Runs one statement as the owner of the tables; only the owner may change them. */
export async function asOwner(ownerUrl: string, statement: string): Promise<void> {
  await execute(ownerUrl, statement)
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = name
  return url.href
}

/** The PostgreSQL server of this run: one URL for a user who may create databases and roles, one for the service's user. */
export function testServer(): { serverUrl: string; serviceUrl: string; template: string } {
  const { TEST_SERVER_URL: serverUrl, TEST_SERVICE_URL: serviceUrl, TEST_TEMPLATE: template } = process.env
  if (serverUrl && serviceUrl && template) return { serverUrl, serviceUrl, template }
  throw new Error('The tests need their PostgreSQL: run npm test, or a file by npm test -- test/…/….test.ts')
}

/** The key database of this run, and a root key for it. */
export const testVault = {
  get keysUrl(): string {
    const url = process.env['TEST_KEYS_URL']
    if (!url) throw new Error('The tests need their database of keys: run npm test')
    return url
  },
  rootKey: '5e'.repeat(32),
}

/** A key database for one test, with the URL of the user who may use it. */
export async function ownKeysDatabase(t: Test): Promise<string> {
  const { ownerUrl, url } = await emptyKeysDatabase(t)
  return provisionOwnKeys(ownerUrl, new URL(url).username)
}

/** The same, still empty; `url` names a user who does not exist yet. */
export async function emptyKeysDatabase(t: Test): Promise<{ ownerUrl: string; url: string }> {
  const { serverUrl, template } = testServer()
  const name = `${template.replace(/_template$/, '')}_keys_${randomBytes(4).toString('hex')}`
  await execute(serverUrl, `create database ${name} template template0`)
  t.teardown(async () => {
    await execute(serverUrl, `drop database ${name} with (force)`)
    await execute(serverUrl, `drop role if exists ${name}`)
  })
  const ownerUrl = withDatabase(serverUrl, name)
  const url = Object.assign(new URL(ownerUrl), { username: name, password: 'only-of-this-test' })
  return { ownerUrl, url: url.href }
}

async function execute(serverUrl: string, statement: string, attempt = 1): Promise<void> {
  const server = new pg.Client({ connectionString: serverUrl })
  try {
    await server.connect()
    await server.query(statement)
  } catch (error) {
    // Two copies at the same moment are allowed, but a connection to the template, such as autovacuum's, prevents a
    // copy.
    if ((error as { code?: string }).code !== templateInUse || attempt === attemptsMax) throw error
    await pause(20 * attempt)
    return await execute(serverUrl, statement, attempt + 1)
  } finally {
    await server.end()
  }
}
