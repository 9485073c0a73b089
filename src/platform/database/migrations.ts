/** Which migrations a database has, and applying those that it lacks. */
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator'
import type pg from 'pg'
import { startFailure } from '../failures.ts'
import { codeOf } from './sqlstate.ts'

export type Migration = MigrationMeta
export type SchemaVersion = 'older' | 'current' | 'newer' | 'unknown'

const [noTable, noRight, noColumn] = ['42P01', '42501', '42703']

export const readMigrations = (folder: string): readonly Migration[] =>
  readMigrationFiles({ migrationsFolder: folder })

/** The hashes of the migrations that a database has, oldest first; none where they cannot be read. Not inside a transaction. */
export async function appliedMigrations(client: pg.Client): Promise<readonly string[]> {
  try {
    const { rows } = await client.query<{ hash: string }>('select hash from public.migrations order by id')
    return rows.map(({ hash }) => hash)
  } catch (error) {
    if ([noTable, noRight, noColumn].includes(codeOf(error) ?? '')) return []
    throw error
  }
}

/** `unknown`: the database was migrated by files that are not ours, or were edited since. */
export function schemaVersion(migrations: readonly Migration[], applied: readonly string[]): SchemaVersion {
  if (migrations.some(({ hash }, i) => i < applied.length && applied[i] !== hash)) return 'unknown'
  if (applied.length === migrations.length) return 'current'
  return applied.length < migrations.length ? 'older' : 'newer'
}

/** Throws a start failure for a schema that this version can neither use nor update. */
export function refuseForeignSchema(version: SchemaVersion, database: string): void {
  if (version === 'newer')
    throw startFailure(`${database} belongs to a newer version than this service; start that version.`)
  if (version === 'unknown')
    throw startFailure(
      `${database} was made by a version from before the first release, which no later version can update; use an empty database.`,
    )
}

/** Applies what comes after the first `appliedCount` migrations, inside the caller's transaction. The table is that of drizzle's migrator. */
export async function applyMigrations(
  owner: pg.Client,
  migrations: readonly Migration[],
  appliedCount: number,
): Promise<void> {
  await owner.query(
    'create table if not exists public.migrations (id serial primary key, hash text not null, created_at bigint)',
  )
  for (const { sql, hash, folderMillis } of migrations.slice(appliedCount)) {
    for (const statement of sql) await owner.query(statement)
    const row = 'insert into public.migrations (hash, created_at) values ($1, $2)'
    await owner.query(row, [hash, folderMillis])
  }
}
