import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import {
  asAccount,
  type Cluster,
  clusterUser,
  lastLine,
  openCluster,
  readOptional,
} from './embedded-cluster.ts'
import { startFailure } from './failures.ts'

const databaseName = 'solidarity_pact'
/** That of the keys: a dump of the other one holds none of them. */
const keysDatabaseName = 'solidarity_pact_keys'
const startSecondsMax = 60
const orphanSecondsMax = 10
const stillStarting = '57P03'
const startAttemptsMax = 5
// Whoever holds this advisory lock in the database "postgres" owns the running server. It ends with its
// holder's connection, so a server that outlived a killed service is told from one that is in use, whatever
// process ids say.
const ownerLock = 7_303_014_102
const tryToOwn = 'select pg_try_advisory_lock($1) as taken'
// Asked and not tried: whoever tries it holds it for a moment, and a service that starts just then is locked out.
const isOwned = `
  select from pg_locks join pg_database on pg_database.oid = pg_locks.database
  where locktype = 'advisory' and datname = current_database() and granted
    and classid::bigint << 32 | objid::bigint = $1 and objsubid = 1`

export type Embedded = { url: string; keysUrl: string; stop: () => Promise<void> }

type Running = { owner: pg.Client; port: number; stopAtExit: () => void }

/**
 * Starts a PostgreSQL of our own on loopback with its files in `dataFolder`/postgres, which it makes the
 * first time. `fast` gives up durability and is for tests only. Throws a start failure with one sentence.
 */
export async function startEmbedded({
  dataFolder,
  port,
  fast = false,
}: {
  dataFolder: string
  port?: number
  fast?: boolean
}): Promise<Embedded> {
  const cluster = await openCluster(path.resolve(dataFolder), fast)
  await stopOrphan(cluster)
  const running = port === undefined ? await startOnFreePort(cluster, fast) : await start(cluster, port, fast)
  for (const name of [databaseName, keysDatabaseName]) await createDatabase(running.owner, name)

  return {
    url: urlOf(cluster, running.port, databaseName),
    keysUrl: urlOf(cluster, running.port, keysDatabaseName),
    stop: async () => {
      await running.owner.end()
      await stopServer(cluster)
      process.off('exit', running.stopAtExit)
    },
  }
}

/** The server on which a service runs now, for a command beside it; undefined when nobody has it. */
export async function runningEmbedded(dataFolder: string): Promise<Omit<Embedded, 'stop'> | undefined> {
  const cluster = await openCluster(path.resolve(dataFolder), false)
  const pidFile = await readOptional(path.join(cluster.folder, 'postmaster.pid'))
  const port = Number(pidFile?.split('\n')[3])
  const client = port ? await connectToStarting(cluster, port, () => true) : undefined
  if (!client) return undefined
  // Without an owner it is an orphan, or a service is only starting: no server to work beside.
  const { rowCount } = await client.query(isOwned, [ownerLock])
  await client.end()
  if (rowCount === 0) return undefined
  return { url: urlOf(cluster, port, databaseName), keysUrl: urlOf(cluster, port, keysDatabaseName) }
}

/** A service that was killed leaves its server running. It is stopped; one that has an owner is in use. */
async function stopOrphan(cluster: Cluster): Promise<void> {
  const pidFile = path.join(cluster.folder, 'postmaster.pid')
  const [pid, , , port] = ((await readOptional(pidFile)) ?? '').split('\n')
  if (!pid) return
  const deadline = Date.now() + orphanSecondsMax * 1000
  const giveUp = (code: string | undefined) => code !== stillStarting || Date.now() > deadline
  const owner = await connectToStarting(cluster, Number(port), giveUp)
  if (!owner) return removeStalePidFile(pidFile, pid)
  await takeOwnership(owner, cluster)
  await owner.end()
  await stopServer(cluster)
}

/**
 * After a reboot the number may belong to another program, which PostgreSQL takes for a server of its own.
 */
async function removeStalePidFile(pidFile: string, pid: string): Promise<void> {
  const [, program, state] = /\((.*)\) (\w)/.exec((await readOptional(`/proc/${pid}/stat`)) ?? '') ?? []
  const ended = state === 'Z'
  if (program !== undefined && (program !== 'postgres' || ended)) await rm(pidFile, { force: true })
}

async function startOnFreePort(cluster: Cluster, fast: boolean, attempt = 1): Promise<Running> {
  try {
    return await start(cluster, await freePort(), fast)
  } catch (error) {
    // Another program took the port between our looking and PostgreSQL's listening, or the last processes of
    // a killed server are still on their way out.
    const passing = /could not bind|is still in use/.test(await readLog(cluster))
    if (attempt === startAttemptsMax || !passing) throw error
    await pause(attempt * 100)
    return startOnFreePort(cluster, fast, attempt + 1)
  }
}

async function start(cluster: Cluster, port: number, fast: boolean): Promise<Running> {
  const log = await open(logFile(cluster), 'w', 0o600)
  // A process group of its own: Ctrl-C is for the service, which still needs its database while it stops.
  const server = spawn(cluster.binaries.postgres, ['-D', cluster.folder, ...settings(port, fast)], {
    ...asAccount(cluster.account),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  // From the first moment, for whoever stops the service while its database is still starting.
  const stopAtExit = () => server.kill('SIGINT')
  process.once('exit', stopAtExit)
  let ended = false
  const noteEnd = () => {
    ended = true
    process.off('exit', stopAtExit)
  }
  server.once('exit', noteEnd)
  server.once('error', noteEnd)
  const deadline = Date.now() + startSecondsMax * 1000
  const owner = await connectToStarting(cluster, port, () => ended || Date.now() > deadline)
  await log.close()
  if (!owner) throw await notStarted(cluster, port)
  await takeOwnership(owner, cluster)
  return { owner, port, stopAtExit }
}

function settings(port: number, fast: boolean): string[] {
  const durable = { max_connections: '100', shared_buffers: `${sharedMegabytes()}MB` }
  const volatile = {
    max_connections: '300',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  }
  return Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    // The log is for whoever repairs the database; it must not hold what people wrote.
    log_statement: 'none',
    log_min_error_statement: 'panic',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_error_verbosity: 'terse',
    ...(fast ? volatile : durable),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** An eighth of the memory: PostgreSQL's own 128 MB leave most of a hundred thousand pacts to be read again and again. */
function sharedMegabytes(): number {
  const eighth = Math.floor(totalmem() / 8 / 1024 ** 2)
  return Math.min(Math.max(eighth, 128), 1024)
}

async function connectToStarting(
  cluster: Cluster,
  port: number,
  giveUp: (code: string | undefined) => boolean,
): Promise<pg.Client | undefined> {
  for (;;) {
    const connectionString = urlOf(cluster, port, 'postgres')
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 })
    // A lost server shows in the service's own queries; without a listener it would end the process here.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (giveUp((error as { code?: string }).code)) return undefined
      await pause(20)
    }
  }
}

async function takeOwnership(owner: pg.Client, cluster: Cluster): Promise<void> {
  const { rows } = await owner.query<{ taken: boolean }>(tryToOwn, [ownerLock])
  if (rows[0]?.taken) return
  await owner.end()
  throw inUse(cluster)
}

async function createDatabase(owner: pg.Client, name: string): Promise<void> {
  const { rowCount } = await owner.query('select from pg_database where datname = $1', [name])
  if (rowCount === 0) await owner.query(`create database ${name}`)
}

async function stopServer(cluster: Cluster): Promise<void> {
  const stop = ['stop', '--silent', '-w', '-t', String(startSecondsMax), '-m', 'fast', '-D', cluster.folder]
  // In a group of its own like the server: a second Ctrl-C must not end it half-way.
  const pgCtl = spawn(cluster.binaries.pg_ctl, stop, {
    ...asAccount(cluster.account),
    detached: true,
    stdio: 'ignore',
  })
  const [exitCode] = (await once(pgCtl, 'exit')) as [number | null]
  // It may have stopped by itself in between, which is what was wanted.
  if (exitCode !== 0 && (await readOptional(path.join(cluster.folder, 'postmaster.pid')))) {
    throw new Error(`pg_ctl could not stop PostgreSQL in ${cluster.folder} (exit code ${exitCode})`)
  }
}

async function notStarted(cluster: Cluster, port: number): Promise<Error> {
  const log = await readLog(cluster)
  if (log.includes('lock file "postmaster.pid" already exists')) return inUse(cluster)
  if (log.includes('could not bind')) {
    return startFailure(
      `The port ${port} for the embedded PostgreSQL is taken; leave it out to have a free one found.`,
    )
  }
  return startFailure(
    `The embedded PostgreSQL did not start from ${cluster.folder}: ${lastLine(log)} (more in ${logFile(cluster)})`,
  )
}

function inUse(cluster: Cluster): Error {
  return startFailure(
    `The data folder ${cluster.dataFolder} is locked: another instance of this service is running on it; stop that ` +
      'one, or set DATA_FOLDER to another folder.',
  )
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('TCP sockets have a port')
  return address.port
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${clusterUser}:${cluster.password}@127.0.0.1:${port}/${database}`
}

function logFile(cluster: Cluster): string {
  return path.join(cluster.home, 'server.log')
}

async function readLog(cluster: Cluster): Promise<string> {
  return (await readOptional(logFile(cluster))) ?? ''
}
