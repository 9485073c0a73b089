/** The database of the keys: wrapped data keys, tombstones of the erased, and how far a rotation has come. */
import pg from 'pg'

export type SubjectKind = 'person' | 'organisation'
/** Whose key it is: a person (a delegate) or an organisation. */
export type Subject = { readonly kind: SubjectKind; readonly id: string }
export type WrappedKey = { version: number; wrapped: Buffer; rootFingerprint: string }
export type Rotation = {
  id: number
  startedAt: string
  total: number
  done: number
  finishedAt: string | null
}

export type KeyStore = ReturnType<typeof openKeyStore>

const connectionsMax = 3
const timeoutMs = 5_000

const instant = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** One statement per function; what is asked for is in the names. */
export function openKeyStore(url: string) {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    application_name: 'solidarity-pact keys',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    options: '-c timezone=UTC -c datestyle=ISO',
  })
  // An idle connection that the server ends is replaced by the pool.
  pool.on('error', () => undefined)
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    (await pool.query<Row>(text, values)).rows
  return {
    keysOf: (id: string) =>
      rowsOf<WrappedKey>(
        `select version, wrapped, root_fingerprint as "rootFingerprint" from wrapped_keys
         where subject_id = $1 order by version`,
        [id],
      ),
    /** Two that make the first key together agree on one. */
    addKey: async ({ kind, id }: Subject, key: WrappedKey, now: string): Promise<void> => {
      await pool.query(
        `insert into wrapped_keys (subject_id, subject_kind, version, wrapped, root_fingerprint, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [id, kind, key.version, key.wrapped, key.rootFingerprint, now],
      )
    },
    dropKeysBefore: (id: string, version: number) =>
      pool.query('delete from wrapped_keys where subject_id = $1 and version < $2', [id, version]),
    isErased: async (id: string): Promise<boolean> =>
      (await rowsOf('select from tombstones where subject_id = $1', [id])).length > 0,
    /** In one statement: no moment in which there is neither key nor tombstone. */
    erase: async ({ kind, id }: Subject, now: string): Promise<void> => {
      await pool.query(
        `with shredded as (delete from wrapped_keys where subject_id = $1)
         insert into tombstones (subject_id, subject_kind, erased_at) values ($1, $2, $3) on conflict do nothing`,
        [id, kind, now],
      )
    },
    erasedAfter: async (id: string | undefined, kind: SubjectKind, limit: number): Promise<string[]> =>
      (
        await rowsOf<{ id: string }>(
          `select subject_id as id from tombstones
           where subject_kind = $2 and ($1::uuid is null or subject_id > $1) order by subject_id limit $3`,
          [id ?? null, kind, limit],
        )
      ).map((row) => row.id),
    byRoot: () =>
      rowsOf<{ fingerprint: string; keys: number }>(
        `select root_fingerprint as fingerprint, count(*)::int as keys from wrapped_keys group by 1 order by 1`,
      ),
    wrappedBy: (fingerprint: string, limit: number) =>
      rowsOf<WrappedKey & { id: string; kind: SubjectKind }>(
        `select subject_id as id, subject_kind as kind, version, wrapped, root_fingerprint as "rootFingerprint"
         from wrapped_keys where root_fingerprint = $1 limit $2`,
        [fingerprint, limit],
      ),
    /** Unless someone else has wrapped or shredded it meanwhile. */
    rewrap: (id: string, from: WrappedKey, to: Pick<WrappedKey, 'wrapped' | 'rootFingerprint'>) =>
      pool.query(
        `update wrapped_keys set wrapped = $4, root_fingerprint = $5
         where subject_id = $1 and version = $2 and root_fingerprint = $3`,
        [id, from.version, from.rootFingerprint, to.wrapped, to.rootFingerprint],
      ),
    /** Goes on with one that is under way. */
    startRotation: async (now: string): Promise<void> => {
      await pool.query(
        `insert into rotations (started_at, subjects_total)
         select $1, count(distinct subject_id) from wrapped_keys on conflict do nothing`,
        [now],
      )
    },
    rotations: () =>
      rowsOf<Rotation>(
        `select id, ${instant('started_at')} as "startedAt", ${instant('finished_at')} as "finishedAt",
           subjects_total as total, subjects_done as done from rotations order by id desc limit 10`,
      ),
    /** Subjects of whom a rotation has something left: an older key, or no newer one. */
    unrotated: (rotation: Rotation, limit: number) =>
      rowsOf<{ id: string; kind: SubjectKind }>(
        `select subject_id as id, subject_kind as kind from wrapped_keys
         group by subject_id, subject_kind having min(created_at) < $1 order by subject_id limit $2`,
        [rotation.startedAt, limit],
      ),
    countRotated: (rotation: Rotation, done: number) =>
      pool.query('update rotations set subjects_done = subjects_done + $2 where id = $1', [
        rotation.id,
        done,
      ]),
    finishRotation: (rotation: Rotation, now: string) =>
      pool.query('update rotations set finished_at = $2 where id = $1', [rotation.id, now]),
    close: () => pool.end(),
  }
}
