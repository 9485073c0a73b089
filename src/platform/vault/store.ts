/** The key database: wrapped data keys, tombstones of erased persons, and the progress of rotations. */
import type pg from 'pg'
import { keyConnectionsMax } from '../database/connection-counts.ts'
import { openPool } from '../database/pool.ts'
import type { Subject, SubjectKind } from './subjects.ts'

export type WrappedKey = { version: number; wrapped: Buffer; rootFingerprint: string }
export type Rotation = {
  id: number
  startedAt: string
  total: number
  done: number
  finishedAt: string | null
}
/** Why a subject keeps its old key: the value that did not decrypt, and the error. */
export type Stuck = { code: string; table: string; row: string }

/** `after`: the last subject of the previous batch, so that none is processed twice. */
export type Batch = { limit: number; after: string | undefined }

export type KeyStore = ReturnType<typeof openKeyStore>

const timeoutMs = 5_000
/** Longer than PostgreSQL's own limit: by then nobody waits for the answer. */
const queryTimeoutMs = 2 * timeoutMs

const instant = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** One statement per function; the names say what each one does. */
export function openKeyStore(url: string) {
  const pool = openPool({
    connectionString: url,
    max: keyConnectionsMax,
    application_name: 'solidarity-pact keys',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: queryTimeoutMs,
    options: '-c timezone=UTC -c datestyle=ISO',
  })
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    (await pool.query<Row>(text, values)).rows
  return {
    keysOf: (id: string) =>
      rowsOf<WrappedKey & { createdAt: string }>(
        `select version, wrapped, root_fingerprint as "rootFingerprint", ${instant('created_at')} as "createdAt"
         from wrapped_keys where subject_id = $1 order by version`,
        [id],
      ),
    /** Two processes that create the first key at once agree on one. */
    addKey: async ({ kind, id }: Subject, key: WrappedKey, now: string): Promise<void> => {
      await pool.query(
        `insert into wrapped_keys (subject_id, subject_kind, version, wrapped, root_fingerprint, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [id, kind, key.version, key.wrapped, key.rootFingerprint, now],
      )
    },
    /** Clears the mark of a stuck subject. False when another process cleared it. */
    dropKeysBefore: async (id: string, version: number): Promise<boolean> => {
      const dropped = await pool.query(
        `with freed as (delete from stuck where subject_id = $1)
         delete from wrapped_keys where subject_id = $1 and version < $2`,
        [id, version],
      )
      return (dropped.rowCount ?? 0) > 0
    },
    isErased: async (id: string): Promise<boolean> =>
      (await rowsOf('select from tombstones where subject_id = $1', [id])).length > 0,
    /** Adds the tombstone and deletes the keys in one statement, so that there is never neither or both. */
    erase: async ({ kind, id }: Subject, now: string): Promise<void> => {
      await pool.query(
        `insert into tombstones (subject_id, subject_kind, erased_at) values ($1, $2, $3) on conflict do nothing`,
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
    /** `after`: the last one of the previous batch. */
    wrappedBy: (fingerprint: string, after: { id: string; version: number } | undefined, limit: number) =>
      rowsOf<WrappedKey & { id: string; kind: SubjectKind }>(
        `select subject_id as id, subject_kind as kind, version, wrapped, root_fingerprint as "rootFingerprint"
         from wrapped_keys
         where root_fingerprint = $1 and ($2::uuid is null or (subject_id, version) > ($2, $3))
         order by subject_id, version limit $4`,
        [fingerprint, after?.id ?? null, after?.version ?? null, limit],
      ),
    /** False when another process has wrapped or shredded it meanwhile. */
    rewrap: async (
      id: string,
      from: WrappedKey,
      to: Pick<WrappedKey, 'wrapped' | 'rootFingerprint'>,
    ): Promise<boolean> => {
      const rewrapped = await pool.query(
        `update wrapped_keys set wrapped = $4, root_fingerprint = $5
         where subject_id = $1 and version = $2 and root_fingerprint = $3`,
        [id, from.version, from.rootFingerprint, to.wrapped, to.rootFingerprint],
      )
      return (rewrapped.rowCount ?? 0) > 0
    },
    /** False while a rotation runs. A new rotation tries stuck subjects again. */
    startRotation: async (now: string): Promise<boolean> =>
      (
        await rowsOf(
          `with started as (
             insert into rotations (started_at, subjects_total)
             select $1, count(distinct subject_id) from wrapped_keys where subject_kind <> 'service'
             on conflict do nothing returning id),
           freed as (delete from stuck where exists (select from started))
           select id from started`,
          [now],
        )
      ).length > 0,
    rotations: () =>
      rowsOf<Rotation>(
        `select id, ${instant('started_at')} as "startedAt", ${instant('finished_at')} as "finishedAt",
           subjects_total as total, subjects_done as done from rotations order by id desc limit 10`,
      ),
    /**
     * Subjects with a key older than the rotation. The age of the oldest key shows that none is left without reading all
     * keys, which a rotation with stuck subjects asks each minute.
     */
    unrotated: ({ startedAt }: Rotation, { limit, after }: Batch) =>
      rowsOf<Subject>(
        `select subject_id as id, min(subject_kind) as kind from wrapped_keys
         where created_at < $1 and subject_kind <> 'service' and ($2::uuid is null or subject_id > $2)
           and $1 > (select created_at from wrapped_keys oldest
             where subject_kind <> 'service'
               and not exists (select from stuck where stuck.subject_id = oldest.subject_id)
             order by created_at limit 1)
           and not exists (select from stuck where stuck.subject_id = wrapped_keys.subject_id)
         group by subject_id order by subject_id limit $3`,
        [startedAt, after ?? null, limit],
      ),
    /** Subjects with a newer key beside the one to delete. A trigger marks the older key, so that its index is short. */
    superseded: ({ limit, after }: Batch) =>
      rowsOf<Subject>(
        `select subject_id as id, min(subject_kind) as kind from wrapped_keys
         where superseded and subject_kind <> 'service' and ($1::uuid is null or subject_id > $1)
           and exists (select from wrapped_keys newer
             where newer.subject_id = wrapped_keys.subject_id and newer.version > wrapped_keys.version)
           and not exists (select from stuck where stuck.subject_id = wrapped_keys.subject_id)
         group by subject_id order by subject_id limit $2`,
        [after ?? null, limit],
      ),
    noteStuck: ({ kind, id }: Subject, { code, table, row }: Stuck, now: string) =>
      pool.query(
        `insert into stuck (subject_id, subject_kind, code, table_name, row_id, noted_at)
         select $1, $2, $3, $4, $5, $6 where exists (select from wrapped_keys where subject_id = $1)
         on conflict do nothing`,
        [id, kind, code, table, row, now],
      ),
    /** The value may have been corrected: the job tries it once more. */
    free: (id: string) => pool.query('delete from stuck where subject_id = $1', [id]),
    stuck: () =>
      rowsOf<Stuck>(
        'select code, table_name as "table", row_id as "row" from stuck order by table_name, row_id',
      ),
    countRotated: (rotation: Rotation, done: number) =>
      pool.query('update rotations set subjects_done = subjects_done + $2 where id = $1', [
        rotation.id,
        done,
      ]),
    finishRotation: (rotation: Rotation, now: string) =>
      pool.query('update rotations set finished_at = $2 where id = $1 and finished_at is null', [
        rotation.id,
        now,
      ]),
    close: () => pool.end(),
  }
}
