/** Who owns a running embedded server: the holder of an advisory lock in it. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Cluster, clusterUser } from './cluster.ts'

// Whoever holds this advisory lock in the database "postgres" owns the running server. It ends with its
// holder's connection, so a server that outlived a killed service is told from one that is in use, whatever
// process ids say.
const ownerLock = 7_303_014_102
const tryToOwn = 'select pg_try_advisory_lock($1) as taken'
// Asked and not tried: whoever tries it holds it for a moment, and a service that starts just then is locked out.
const askIfOwned = `
  select from pg_locks join pg_database on pg_database.oid = pg_locks.database
  where locktype = 'advisory' and datname = current_database() and granted
    and classid::bigint << 32 | objid::bigint = $1 and objsubid = 1`

const connectTimeoutMs = 5_000
const retryMs = 20

/** Says whether to stop trying, by the code of the last failure. */
export type GiveUp = (code: string | undefined) => boolean

/** Tries until it is let in; undefined when it gives up. */
export async function connectToStarting(
  cluster: Cluster,
  port: number,
  giveUp: GiveUp,
): Promise<pg.Client | undefined> {
  for (;;) {
    const connectionString = urlOf(cluster, port, 'postgres')
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs })
    // A lost server shows in the service's own queries; without a listener it would end the process here.
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

/** True when the server has no other owner; it is ours as long as the connection lasts. */
export async function takeOwnership(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(tryToOwn, [ownerLock])
  return rows[0]?.taken === true
}

export async function isOwned(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(askIfOwned, [ownerLock])
  return (rowCount ?? 0) > 0
}

/**
 * Keeps the server ours until `isOver`: when one of its processes crashes, PostgreSQL ends every connection, and a server
 * without an owner would be taken for an orphan and stopped.
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
