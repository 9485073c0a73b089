/** One process of the embedded PostgreSQL: started, owned, and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { asAccount, type Cluster, lastLine, readOptional } from './cluster.ts'
import { connectToStarting, keepOwning, takeOwnership } from './owner.ts'
import { startFailure } from '../failures.ts'
import type { End, Running } from '../start/supervision.ts'

const startSecondsMax = 60
const stopSecondsMax = 60
/** How long the remaining processes of a killed server may still run a statement. */
const leftoverSecondsMax = 60
const leftoverPauseMs = 200
const exitNoticeMs = 1_000
const stillStarting = '57P03'

export type Server = Running & { port: number }

export type Launch = {
  port: number
  /** Gives up durability; for tests only. */
  fast: boolean
  /** Created when they are missing. */
  databases: readonly string[]
  connectionsMax?: number
  /** Cancels the attempt, and what it started. */
  signal?: AbortSignal
}

/** Starts a server and owns it. Throws a start failure, whose cause is the end of the process if that is what failed. */
export async function launch(cluster: Cluster, options: Launch): Promise<Server> {
  const deadline = Date.now() + leftoverSecondsMax * 1000
  for (;;) {
    try {
      return await launchOnce(cluster, options)
    } catch (error) {
      // The last processes of a killed server are exiting.
      const leftover = /is still in use/.test(await readLog(cluster))
      if (!leftover || Date.now() > deadline || options.signal?.aborted) throw error
      await pause(leftoverPauseMs)
    }
  }
}

async function launchOnce(cluster: Cluster, options: Launch): Promise<Server> {
  const { port, databases, signal } = options
  const { child, ended, isOver } = await spawnServer(cluster, options)
  let stopping = false
  try {
    const deadline = Date.now() + startSecondsMax * 1000
    // Recovery has no time limit.
    const owner = await connectToStarting(
      cluster,
      port,
      (code) => isOver() || signal?.aborted === true || (Date.now() > deadline && code !== stillStarting),
    )
    if (!owner) throw await notStarted(cluster, port, isOver() ? await ended : undefined)
    if (!(await takeOwnership(owner))) throw inUse(cluster)
    for (const name of databases) await createDatabase(owner, name)
    void keepOwning(owner, cluster, port, () => stopping || isOver())
  } catch (error) {
    child.kill('SIGQUIT')
    await ended
    throw error
  }
  return {
    port,
    ended,
    stop: async () => {
      stopping = true
      if (isOver()) return
      await stopServer(cluster).catch(async (error: unknown) => {
        // It exited by itself meanwhile, which is the goal.
        await Promise.race([ended, pause(exitNoticeMs)])
        if (!isOver()) throw error
      })
      await ended
    },
  }
}

type Spawned = { child: ChildProcess; ended: Promise<End>; isOver: () => boolean }

async function spawnServer(cluster: Cluster, options: Launch): Promise<Spawned> {
  const log = await open(logFile(cluster), 'w', 0o600)
  // A process group of its own: Ctrl-C is for the service, which still needs its database while it stops.
  const child = spawn(cluster.binaries.postgres, ['-D', cluster.folder, ...settings(options)], {
    ...asAccount(cluster.account),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  // From the start, for a signal that stops the service while its database is still starting.
  const stopAtExit = () => child.kill('SIGINT')
  process.once('exit', stopAtExit)
  let over = false
  const ended = new Promise<End>((resolve) => {
    const recordEnd = (end: End) => {
      over = true
      process.off('exit', stopAtExit)
      resolve(end)
    }
    child.once('exit', (exitCode, signal) => recordEnd({ exitCode, signal }))
    child.once('error', () => recordEnd({ exitCode: null, signal: null }))
  })
  await log.close()
  return { child, ended, isOver: () => over }
}

function settings({ port, fast, connectionsMax = 100 }: Launch): string[] {
  const durable = { max_connections: String(connectionsMax), shared_buffers: `${sharedMegabytes()}MB` }
  const volatile = {
    max_connections: '300',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    // For passwords set from now on: a test opens a dozen connections.
    scram_iterations: '1',
  }
  return Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    // The log helps to repair the database. It must not contain what people wrote.
    log_statement: 'none',
    log_min_error_statement: 'panic',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_error_verbosity: 'terse',
    ...(fast ? volatile : durable),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * An eighth of the memory. With PostgreSQL's 128 MB most of a hundred thousand pacts would be read from disk again.
 */
function sharedMegabytes(): number {
  const eighth = Math.floor(totalmem() / 8 / 1024 ** 2)
  return Math.min(Math.max(eighth, 128), 1024)
}

async function createDatabase(owner: pg.Client, name: string): Promise<void> {
  const { rowCount } = await owner.query('select from pg_database where datname = $1', [name])
  if (rowCount === 0) await owner.query(`create database ${name}`)
}

export async function stopServer(cluster: Cluster): Promise<void> {
  const stop = ['stop', '--silent', '-w', '-t', String(stopSecondsMax), '-m', 'fast', '-D', cluster.folder]
  // In its own process group like the server: a second Ctrl-C must not end it half-way.
  const pgCtl = spawn(cluster.binaries.pg_ctl, stop, {
    ...asAccount(cluster.account),
    detached: true,
    stdio: 'ignore',
  })
  const [exitCode] = (await once(pgCtl, 'exit')) as [number | null]
  // It may have stopped by itself meanwhile, which is the goal.
  if (exitCode !== 0 && (await readOptional(pidFileOf(cluster)))) {
    throw new Error(`pg_ctl could not stop PostgreSQL in ${cluster.folder} (exit code ${exitCode})`)
  }
}

/** After a reboot the number may belong to another program, which PostgreSQL would take for its own server. */
export async function removeStalePidFile(cluster: Cluster): Promise<void> {
  const [pid] = ((await readOptional(pidFileOf(cluster))) ?? '').split('\n')
  if (!pid) return
  const [, program, state] = /\((.*)\) (\w)/.exec((await readOptional(`/proc/${pid}/stat`)) ?? '') ?? []
  const ended = state === 'Z'
  if (program !== undefined && (program !== 'postgres' || ended))
    await rm(pidFileOf(cluster), { force: true })
}

async function notStarted(cluster: Cluster, port: number, end: End | undefined): Promise<Error> {
  const log = await readLog(cluster)
  if (log.includes('lock file "postmaster.pid" already exists')) return inUse(cluster)
  if (log.includes('could not bind')) {
    return startFailure(
      `The port ${port} for the embedded PostgreSQL is taken; leave it out to have a free one found.`,
    )
  }
  return startFailure(
    `The embedded PostgreSQL did not start from ${cluster.folder}: ${await lastWords(cluster)}`,
    end,
  )
}

/** A signal killed the process; its files may be in order. */
export const wasKilled = (error: unknown): boolean =>
  ((error as { cause?: End } | null)?.cause?.signal ?? null) !== null

export function inUse(cluster: Cluster): Error {
  return startFailure(
    `The data folder ${cluster.dataFolder} is locked: another instance of this service is running on it; stop that ` +
      'one, or set DATA_FOLDER to another folder.',
  )
}

/** The last output of a server that did not start, and where its log is. */
export const lastWords = async (cluster: Cluster): Promise<string> =>
  `${lastLine(await readLog(cluster))} (more in ${logFile(cluster)})`

export const pidFileOf = (cluster: Cluster): string => path.join(cluster.folder, 'postmaster.pid')

export const logFile = (cluster: Cluster): string => path.join(cluster.home, 'server.log')

export async function readLog(cluster: Cluster): Promise<string> {
  return (await readOptional(logFile(cluster))) ?? ''
}
