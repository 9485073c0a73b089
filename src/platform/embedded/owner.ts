/** The owner of a running embedded server: the holder of an advisory lock in it. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Cluster, clusterUser } from './cluster.ts'

// The holder of this advisory lock in the database "postgres" owns the running server. The lock ends with the
// connection, so a server that outlived a killed service differs from one in use, whatever the process ids.
const ownerLock = 7_303_014_102
const tryToOwn = 'select pg_try_advisory_lock($1) as taken'
// Reads the lock instead of trying it: a try would hold it for a moment and lock out a service that starts just then.
const askIfOwned = `
  select from pg_locks join pg_database on pg_database.oid = pg_locks.database
  where locktype = 'advisory' and datname = current_database() and granted
    and classid::bigint << 32 | objid::bigint = $1 and objsubid = 1`

const connectTimeoutMs = 5_000
const retryMs = 20

/** Decides by the code of the last failure whether to stop trying. */
export type GiveUp = (code: string | undefined) => boolean

/** Tries until it is connected; undefined when it gives up. */
export async function connectToStarting(
  cluster: Cluster,
  port: number,
  giveUp: GiveUp,
): Promise<pg.Client | undefined> {
  for (;;) {
    const connectionString = urlOf(cluster, port, 'postgres')
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs })
    // The service's own queries report a lost server. Without a listener it would end the process here.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (giveUp((error as { code?: string }).code)) return undefined
      await pause(retryMs)
    }
  }
}

/** True when the server has no other owner. It is ours while the connection lasts. */
export async function takeOwnership(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(tryToOwn, [ownerLock])
  return rows[0]?.taken === true
}

export async function isOwned(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(askIfOwned, [ownerLock])
  return (rowCount ?? 0) > 0
}

/**
 * Keeps the ownership until `isOver`. When one of its processes crashes, PostgreSQL ends every connection, and a
 * server without an owner would be stopped as an orphan.
 */
export async function keepOwning(
  owner: pg.Client,
  cluster: Cluster,
  port: number,
  isOver: () => boolean,
): Promise<void> {
  for (let holder: pg.Client | undefined = owner; holder;) {
    const lost = holder
    await new Promise((resolve) => lost.once('end', resolve))
    holder = isOver() ? undefined : await ownAgain(cluster, port, isOver)
  }
}

async function ownAgain(
  cluster: Cluster,
  port: number,
  isOver: () => boolean,
): Promise<pg.Client | undefined> {
  for (;;) {
    const client = await connectToStarting(cluster, port, isOver)
    if (!client) return undefined
    if (await takeOwnership(client).catch(() => false)) return client
    await client.end()
    if (isOver()) return undefined
    await pause(retryMs)
  }
}

export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${clusterUser}:${cluster.password}@127.0.0.1:${port}/${database}`
}
