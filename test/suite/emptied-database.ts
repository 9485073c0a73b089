/** Deletes the rows that a test has written, and notices what this does not undo. */
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'

export type WatchedDatabase = {
  /**
   * False if the database is then not as it was at first: a definition, a right or a statistic is another one, or a session of
   * the test's is there.
   */
  empty(): Promise<boolean>
  close(): Promise<void>
}

const tables = `
  select oid::regclass::text as name, pg_relation_size(oid)::int as bytes from pg_class
  where relkind = 'r' and relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)`

/** Of a table. Until a vacuum, later statements pass over the rows that were deleted. */
const bytesMax = 1024 ** 2
/** Which processes serve the queue, which pg-boss notes when a connection is opened. */
const ofTheConnections = 'jobs.instance'

/** A changed definition leaves a row with another xmin, or another number of rows. ANALYZE and VACUUM change the last two. */
const catalogues = [
  ...[
    'class',
    'attribute',
    'attrdef',
    'constraint',
    'index',
    'inherits',
    'type',
    'namespace',
    'sequence',
    'extension',
  ],
  ...['proc', 'policy', 'trigger', 'event_trigger', 'rewrite', 'default_acl', 'db_role_setting', 'statistic'],
]
const definitions = `
  select ${catalogues.map((name) => `(select count(*) || ':' || max(xmin::text::bigint) from pg_${name}) as ${name}`).join()},
    (select sum(reltuples) from pg_class) as tuples`

const movedSequences = `
  select format('%I.%I', schemaname, sequencename) as name from pg_sequences
  where last_value is not null`

/** Our own connections are idle when nothing is under way. */
const othersSessions = `
  select from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and (state <> 'idle' or application_name not in ('solidarity-pact', 'solidarity-pact jobs'))`

/** A migrated database, before anything is written to it. */
export async function watchDatabase(ownerUrl: string): Promise<WatchedDatabase> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  // A test may end all connections; this one is then not used again.
  owner.on('error', () => undefined)
  await owner.connect()
  /** Planned once, since they are asked after every test. */
  const rowsOf = async <Row extends pg.QueryResultRow>(name: string, text: string) =>
    (await owner.query<Row>({ name, text })).rows
  const written = async () =>
    (await rowsOf<{ name: string; bytes: number }>('tables', tables)).filter(
      ({ name, bytes }) => bytes > 0 && name !== ofTheConnections,
    )
  const sequences = () => rowsOf<{ name: string }>('sequences', movedSequences)
  const filled = (await written()).map(({ name }) => name)
  const moved = new Set((await sequences()).map(({ name }) => name))
  const keptNow = async () => [
    await rowsOf('definitions', definitions),
    await rowsOf(
      'kept rows',
      filled.map((name) => `select md5(array_agg(t order by t)::text) from ${name} t`).join(' union all '),
    ),
  ]
  const kept = await keptNow()

  const empty = async () => {
    if ((await rowsOf('sessions', othersSessions)).length > 0) return false
    const toDelete = (await written()).filter(({ name }) => !filled.includes(name))
    if (toDelete.some(({ bytes }) => bytes > bytesMax)) return false
    const toRestart = (await sequences()).filter(({ name }) => !moved.has(name))
    // As a replica: no trigger keeps rows, and nothing refers to the rows that stay.
    await owner.query(
      [
        `begin; set local lock_timeout = '1s'; set local session_replication_role = replica`,
        ...toDelete.map(({ name }) => `delete from ${name}`),
        ...toRestart.map(({ name }) => `select setval('${name}', 1, false)`),
        'commit',
      ].join(';\n'),
    )
    return isDeepStrictEqual(await keptNow(), kept)
  }
  return { empty, close: () => owner.end() }
}
