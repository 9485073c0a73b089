import pg from 'pg'
import { startFailure } from './failures.ts'

const majorMin = 15
const connectSecondsMax = 10
const extensions = ['btree_gin', 'btree_gist', 'pg_trgm', 'unaccent']
// Two services that start together would both make the extension, and one of them would fail.
const checkLock = 7_303_014_103

/**
 * Throws a start failure that says what is wrong with the server or the database behind `url`, and what to
 * do.
 */
export async function requireUsableDatabase(url: string): Promise<void> {
  const client = await connect(url)
  try {
    await requireVersionAndEncoding(client)
    await requireExtensions(client)
    await requireLettersOfEveryScript(client)
  } finally {
    await client.end()
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectSecondsMax * 1000 })
  // A connection lost during the check shows in its queries; without a listener it would end the process
  // here.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    throw startFailure(refusalOf(client, error as Refusal), error)
  }
}

type Refusal = { code?: string; message: string }

/** The driver's own messages may repeat the user and the address, so only its codes are used. */
function refusalOf({ host, port, database }: pg.Client, { code = 'none', message }: Refusal): string {
  const server = `The PostgreSQL server at ${host}:${port} of DATABASE_URL`
  const wrongUser = `${server} refuses the user name or the password; correct them in DATABASE_URL.`
  const noHost = `There is no host ${host}; correct it in DATABASE_URL.`
  const known: Record<string, string> = {
    '28P01': wrongUser,
    '28000': wrongUser,
    '3D000': `${server} has no database "${database}"; make it with createdb, or correct the name in DATABASE_URL.`,
    '53300': `${server} has no connection left; raise its max_connections, or lower POOL_CONNECTIONS_MAX.`,
    '57P03': `${server} is still starting or already stopping; try again in a moment.`,
    ENOTFOUND: noHost,
    EAI_AGAIN: noHost,
  }
  if (known[code]) return known[code]
  if (/SSL|certificate/i.test(message)) return `${server} speaks TLS otherwise; set sslmode in DATABASE_URL.`
  if (/^[0-9A-Z]{5}$/.test(code))
    return `${server} refuses the connection (SQLSTATE ${code}); its log says why.`
  return `${server} does not answer; see that it runs and that the address is right.`
}

async function requireVersionAndEncoding(client: pg.Client): Promise<void> {
  const {
    rows: [server],
  } = await client.query<{ version: number; major: string; encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as major,
            current_setting('server_encoding') as encoding`,
  )
  if (!server) throw new Error('A query without a table answers one row')
  if (server.version < majorMin * 10_000) {
    throw startFailure(
      `DATABASE_URL leads to PostgreSQL ${server.major}, but ${majorMin} or newer is needed; upgrade it or use another.`,
    )
  }
  if (server.encoding === 'UTF8') return
  throw startFailure(
    `The database of DATABASE_URL is encoded in ${server.encoding}, but names in every script need UTF8; make one with ` +
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
    `The PostgreSQL server of DATABASE_URL lacks ${rows.map(({ name }) => name).join(' and ')}; install its contrib ` +
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
      'The user of DATABASE_URL may not make extensions in its database; make it the owner of the database.',
      error,
    )
  } finally {
    await client.query('rollback')
  }
  throw startFailure(
    'The database of DATABASE_URL knows no letters but A to Z (its LC_CTYPE), so names in other scripts ' +
      'could not be found; make one with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8.',
  )
}
