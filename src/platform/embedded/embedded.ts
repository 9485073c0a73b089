import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Cluster, openCluster, readOptional } from './cluster.ts'
import { connectToStarting, isOwned, takeOwnership, urlOf } from './owner.ts'
import {
  inUse,
  lastWords,
  launch,
  type Launch,
  pidFileOf,
  readLog,
  removeStalePidFile,
  type Server,
  stopServer,
  wasKilled,
} from './server.ts'
import { isUnavailable } from '../database/sqlstate.ts'
import { supervise, type Supervision } from '../start/supervision.ts'

const databaseName = 'solidarity_pact'
/** The key database. A dump of the main database contains no keys. */
const keysDatabaseName = 'solidarity_pact_keys'
const databases = [databaseName, keysDatabaseName]
const orphanSecondsMax = 10
const stillStarting = '57P03'
const startAttemptsMax = 5

type Launching = Omit<Launch, 'port' | 'signal'>
export type Addresses = { url: string; keysUrl: string }
export type Embedded = Addresses & {
  /** Resolves when the server accepts connections, now or after a restart. */
  answers(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts an embedded PostgreSQL on loopback, with its files in `dataFolder`/postgres, which the first start creates.
 * `fast` gives up durability and is for tests only. With `supervision` it is restarted when it exits unexpectedly.
 * Throws a start failure with one sentence.
 */
export async function startEmbedded({
  dataFolder,
  port,
  fast = false,
  connectionsMax,
  supervision,
}: {
  dataFolder: string
  port?: number
  fast?: boolean
  connectionsMax?: number
  supervision?: Supervision
}): Promise<Embedded> {
  const cluster = await openCluster(path.resolve(dataFolder), fast)
  await stopOrphan(cluster)
  const launching = { fast, databases, ...(connectionsMax !== undefined && { connectionsMax }) }
  const server = await startFirst(cluster, port, launching)
  const { stop } = supervision ? supervised(cluster, server, launching, supervision) : server
  return { ...addressesOf(cluster, server.port), answers: () => answered(cluster, server.port), stop }
}

/** The server of a running service, for a command beside it. Undefined when no service owns one. */
export async function runningEmbedded(dataFolder: string): Promise<Addresses | undefined> {
  const cluster = await openCluster(path.resolve(dataFolder), false)
  const port = Number((await readOptional(pidFileOf(cluster)))?.split('\n')[3])
  const client = port ? await connectToStarting(cluster, port, () => true) : undefined
  if (!client) return undefined
  // Without an owner it is orphaned, or a service is only starting: there is no server to work with.
  const owned = await isOwned(client)
  await client.end()
  return owned ? addressesOf(cluster, port) : undefined
}

const addressesOf = (cluster: Cluster, port: number): Addresses => ({
  url: urlOf(cluster, port, databaseName),
  keysUrl: urlOf(cluster, port, keysDatabaseName),
})

/** Uses the port of the service's connections. */
function supervised(cluster: Cluster, first: Server, launching: Launching, supervision: Supervision) {
  const start = async (signal: AbortSignal) => {
    await removeStalePidFile(cluster)
    return launch(cluster, { ...launching, port: first.port, signal })
  }
  const name = 'The embedded PostgreSQL'
  return supervise(first, { name, start, lastWords: () => lastWords(cluster) }, supervision)
}

async function answered(cluster: Cluster, port: number): Promise<void> {
  const client = await connectToStarting(cluster, port, () => false)
  await client?.end()
}

/** A killed service leaves its server running. Stops such a server; one with an owner is in use. */
async function stopOrphan(cluster: Cluster): Promise<void> {
  const [pid, , , port] = ((await readOptional(pidFileOf(cluster))) ?? '').split('\n')
  if (!pid) return
  const deadline = Date.now() + orphanSecondsMax * 1000
  const giveUp = (code: string | undefined) => code !== stillStarting || Date.now() > deadline
  const owner = await connectToStarting(cluster, Number(port), giveUp)
  if (!owner) return removeStalePidFile(cluster)
  const isOrphan = await takeOwnership(owner)
  await owner.end()
  if (!isOrphan) throw inUse(cluster)
  await stopServer(cluster)
}

async function startFirst(
  cluster: Cluster,
  port: number | undefined,
  launching: Launching,
  attempt = 1,
): Promise<Server> {
  try {
    return await launch(cluster, { ...launching, port: port ?? (await freePort()) })
  } catch (error) {
    // Another program took the port between our check and PostgreSQL's bind.
    const portTaken = port === undefined && /could not bind/.test(await readLog(cluster))
    const passing = portTaken || wasKilled(error) || isUnavailable(error)
    if (attempt === startAttemptsMax || !passing) throw error
    await pause(attempt * 100)
    return startFirst(cluster, port, launching, attempt + 1)
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('TCP sockets have a port')
  return address.port
}
