import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { cloneDatabase, testServer } from '../databases.ts'
import { oldPostgres } from './old-postgres.ts'
import { command, freePort, refusal } from './service.ts'

const secret = 'g3heim'

t.test('the start names a wrong setting and what would be valid', async (t) => {
  await refuses(t, { PORT: 'abc' }, 'The setting PORT is "abc" but must be a whole number from 1 to 65535.')
})

t.test('the start refuses a database address that is not PostgreSQL, without repeating it', async (t) => {
  const wrong = { DATABASE_URL: `mysql://root:${secret}@db/pact` }

  const sentence = await refuses(
    t,
    wrong,
    'The setting DATABASE_URL must be an address such as postgresql://',
  )

  t.notMatch(sentence, secret)
})

t.test('the start names a database server that does not answer, without the password', async (t) => {
  const port = await freePort()
  const nobody = { DATABASE_URL: `postgresql://pact:${secret}@127.0.0.1:${port}/pact` }

  const sentence = await refuses(t, nobody, `server at 127.0.0.1:${port} of DATABASE_URL does not answer`)

  t.notMatch(sentence, secret)
})

t.test('the start distinguishes a wrong password from a server that does not answer', async (t) => {
  const url = new URL(testServer().serverUrl)
  url.username = 'nobody_of_that_name'
  url.password = secret

  const sentence = await refuses(t, { DATABASE_URL: url.href }, 'refuses the user name or the password')

  t.notMatch(sentence, secret)
})

t.test('the start names a database that does not exist', async (t) => {
  const url = new URL(testServer().serverUrl)
  url.pathname = '/no_such_pact'

  await refuses(t, { DATABASE_URL: url.href }, 'has no database "no_such_pact"; make it with createdb')
})

t.test('the start refuses a PostgreSQL that is too old and names its version', async (t) => {
  const old = { DATABASE_URL: await oldPostgres(t) }

  await refuses(t, old, 'DATABASE_URL leads to PostgreSQL 14.11, but 15 or newer is needed')
})

t.test('the start refuses a database whose encoding cannot store every script', async (t) => {
  const url = await databaseWith(t, "encoding 'SQL_ASCII' locale 'C'")

  await refuses(t, { DATABASE_URL: url }, 'is encoded in SQL_ASCII, but names in every script need UTF8')
})

t.test(
  'the start refuses a database whose locale does not know Cyrillic letters, and does not change it',
  async (t) => {
    const url = await databaseWith(t, "encoding 'UTF8' locale 'C'")

    const { exitCode, sentence } = await command(t, 'migrate', { OWNER_DATABASE_URL: url })

    t.equal(exitCode, 1)
    t.match(sentence, /knows no letters but A to Z \(its LC_CTYPE\)[^\n]+\.\n$/)

    const { rows } = await ask(url, "select 1 from pg_class where relnamespace = 'public'::regnamespace")
    t.equal(rows.length, 0)
  },
)

t.test('the start names a port that is already in use', async (t) => {
  const database = await cloneDatabase()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(async () => {
    other.close()
    await database.drop()
  })
  const { port } = other.address() as AddressInfo

  const settings = {
    DATABASE_URL: database.url,
    PORT: String(port),
    SIGNING_KEY_FILE: path.join(t.testdir(), 'key'),
  }
  await refuses(t, settings, `The port ${port} on 127.0.0.1 is taken by another program`)
})

t.test('the start names a file that contains no signing key', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const file = path.join(t.testdir(), 'receipts.pem')
  await writeFile(file, `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`)

  const settings = { DATABASE_URL: database.url, SIGNING_KEY_FILE: file }
  const sentence = await refuses(t, settings, `The setting SIGNING_KEY_FILE is ${JSON.stringify(file)}`)

  t.notMatch(sentence, secret)
})

t.test('the start names a data folder that cannot be created, without waiting', async (t) => {
  const nowhere = { DATA_FOLDER: '/proc/solidarity-pact' }

  await refuses(t, nowhere, 'The data folder /proc/solidarity-pact cannot be made or opened; set DATA_FOLDER')
})

/** The output must be one sentence, and the exit code 1. */
async function refuses(t: Test, settings: Record<string, string>, expected: string): Promise<string> {
  const { exitCode, standardOutput, sentence } = await refusal(t, settings)
  t.equal(exitCode, 1)
  t.equal(standardOutput, '')
  t.ok(sentence.includes(expected), sentence)
  t.match(sentence, /^[^\n]+\.\n$/)
  return sentence
}

async function databaseWith(t: Test, options: string): Promise<string> {
  const { serverUrl, template } = testServer()
  const name = `${template}_${options.replace(/\W+/g, '_').toLowerCase()}`
  await ask(serverUrl, `create database ${name} template template0 locale_provider libc ${options}`)
  t.teardown(() => ask(serverUrl, `drop database ${name} with (force)`))
  const url = new URL(serverUrl)
  url.pathname = name
  return url.href
}

async function ask(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}
