import pg from 'pg'
import { startFailure } from '../failures.ts'
import { requireMigrated } from './migrate.ts'
import { requireNoMoreThanService } from '../database/roles.ts'

const majorMin = 15
const connectSecondsMax = 10
const extensions = ['btree_gin', 'btree_gist', 'pg_trgm', 'unaccent']
// Two services that start together would both create the extension, and one would fail.
const checkLock = 7_303_014_103

/** The two addresses of one database: for the owner of the tables, and for the service. */
type Setting = 'OWNER_DATABASE_URL' | 'DATABASE_URL'

/**
 * Throws a start failure that says why no schema can be created in the database behind `ownerUrl`, and what to do.
 */
export async function requireFitForSchema(ownerUrl: string): Promise<void> {
  await asking(ownerUrl, 'OWNER_DATABASE_URL', async (owner) => {
    await requireExtensions(owner)
    await requireLettersOfEveryScript(owner)
  })
}

/** Throws a start failure that says why the service cannot or must not work with the database behind `url`. */
export async function requireFitForService(url: string): Promise<void> {
  await asking(url, 'DATABASE_URL', async (service) => {
    await requireNoMoreThanService(service)
    await requireMigrated(service)
  })
}

async function asking(
  url: string,
  setting: Setting,
  ask: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = await connect(url, setting)
  try {
    await requireVersionAndEncoding(client, setting)
    await ask(client)
  } finally {
    await client.end()
  }
}

async function connect(url: string, setting: Setting): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectSecondsMax * 1000 })
  // The queries of the check report a lost connection. Without a listener it would end the process here.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    throw startFailure(refusalOf(client, setting, error as Refusal), error)
  }
}

type Refusal = { code?: string; message: string }

/** The driver's messages may contain the user and the address, so only its codes are used. */
function refusalOf(
  { host, port, database }: pg.Client,
  setting: Setting,
  { code = 'none', message }: Refusal,
): string {
  const server = `The PostgreSQL server at ${host}:${port} of ${setting}`
  const wrongUser = `${server} refuses the user name or the password; correct them in ${setting}.`
  const noHost = `There is no host ${host}; correct it in ${setting}.`
  const known: Record<string, string> = {
    '28P01': wrongUser,
    '28000': wrongUser,
    '3D000': `${server} has no database "${database}"; make it with createdb, or correct the name in ${setting}.`,
    '53300': `${server} has no connection left; raise its max_connections, or lower POOL_CONNECTIONS_MAX.`,
    '57P03': `${server} is still starting or already stopping; try again in a moment.`,
    ENOTFOUND: noHost,
    EAI_AGAIN: noHost,
  }
  if (known[code]) return known[code]
  if (/SSL|certificate/i.test(message)) return `${server} speaks TLS otherwise; set sslmode in ${setting}.`
  if (/^[0-9A-Z]{5}$/.test(code))
    return `${server} refuses the connection (SQLSTATE ${code}); its log says why.`
  return `${server} does not answer; see that it runs and that the address is right.`
}

async function requireVersionAndEncoding(client: pg.Client, setting: Setting): Promise<void> {
  const {
    rows: [server],
  } = await client.query<{ version: number; major: string; encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as major,
            current_setting('server_encoding') as encoding`,
  )
  if (!server) throw new Error('A query without a table answers one row')
  if (server.version < majorMin * 10_000) {
    throw startFailure(
      `${setting} leads to PostgreSQL ${server.major}, but ${majorMin} or newer is needed; upgrade it or use another.`,
    )
  }
  if (server.encoding === 'UTF8') return
  throw startFailure(
    `The database of ${setting} is encoded in ${server.encoding}, but names in every script need UTF8; make one with ` +
      'createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8.',
  )
}

async function requireExtensions(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select needed.name from unnest($1::text[]) as needed (name)
     where needed.name not in (select name from pg_available_extensions)`,
    [extensions],
  )
  if (rows.length === 0) return
  throw startFailure(
    `The PostgreSQL server of OWNER_DATABASE_URL lacks ${rows.map(({ name }) => name).join(' and ')}; install its contrib ` +
      'package (postgresql-contrib).',
  )
}

/**
 * pg_trgm asks the locale what a letter is: under "C" it drops every letter but A to Z, and search finds
 * nothing.
 */
async function requireLettersOfEveryScript(client: pg.Client): Promise<void> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [checkLock])
    await client.query('create extension if not exists pg_trgm')
    const question = "select cardinality(show_trgm('минск')) > 0 as known"
    const { rows } = await client.query<{ known: boolean }>(question)
    if (rows[0]?.known) return
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    throw startFailure(
      'The user of OWNER_DATABASE_URL may not make extensions in its database; make it the owner of the database.',
      error,
    )
  } finally {
    await client.query('rollback')
  }
  throw startFailure(
    'The database of OWNER_DATABASE_URL knows no letters but A to Z (its LC_CTYPE), so names in other scripts ' +
      'could not be found; make one with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8.',
  )
}
