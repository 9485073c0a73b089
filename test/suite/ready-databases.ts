/**
 * The databases of the tests of one process, with the connections of the service to them. A test has one for itself; then its
 * rows are deleted, and the next test gets it. A new database for each test cost 100 ms of processor time before the test's
 * first request, and its connections read the catalogue and planned every statement anew.
 */
import { AsyncResource } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { jobs } from '../../src/jobs.ts'
import { connectDatabase, type Database, type OpenDatabase } from '../../src/platform/database/database.ts'
import { systemRlsContext } from '../../src/platform/database/rls-context.ts'
import { startJobs, type Enqueue } from '../../src/platform/jobs/queue.ts'
import { cloneDatabase, type TestDatabase } from '../databases.ts'
import { watchDatabase, type WatchedDatabase } from './emptied-database.ts'

export type ReadyDatabase = {
  url: string
  ownerUrl: string
  database: OpenDatabase
  enqueue: Enqueue
  /** After the app is closed. Drops it if the test changed more than rows. */
  release(): Promise<void>
}

type Connected = TestDatabase & {
  database: OpenDatabase
  enqueue: Enqueue
  /** Of the test that has it. */
  onJobError: (error: Error) => void
  close(): Promise<void>
}
type Reusable = Connected & { watched: WatchedDatabase; uses: number }

/** Deleted rows stay in the files until a vacuum, and every connection keeps its plans. */
const usesMax = 25
const freeMax = 2
const unfinishedMsMax = 1_000
const askAgainMs = 5
const free: Reusable[] = []
/** Connections outlive the test that opens them, so tap must not count them as part of it. */
const outsideTests = new AsyncResource('ready databases')

/** A migrated database without rows. */
export async function takeDatabase(onJobError: (error: Error) => void): Promise<ReadyDatabase> {
  const taken = free.pop() ?? (await outsideTests.runInAsyncScope(openReusable))
  taken.onJobError = onJobError
  const { database, isFinished, close } = lend(taken.database)
  const release = async () => {
    close()
    taken.uses++
    const mayReturn =
      taken.uses < usesMax &&
      free.length < freeMax &&
      (await isFinished()) &&
      (await taken.watched.empty().catch(() => false))
    taken.onJobError = () => undefined
    await (mayReturn ? free.push(taken) : discard(taken))
  }
  return { ...taken, database, release }
}

/** The same of a database that the test itself made; it is dropped after the test. */
export async function connectOwn(
  own: TestDatabase,
  onJobError: (error: Error) => void,
): Promise<ReadyDatabase> {
  const connected = await connect(own)
  connected.onJobError = onJobError
  return {
    ...connected,
    release: async () => {
      connected.onJobError = () => undefined
      await connected.close()
      await own.drop()
    },
  }
}

/** For the end of the process. */
export async function dropReadyDatabases(): Promise<void> {
  await Promise.all(free.splice(0).map(discard))
}

async function openReusable(): Promise<Reusable> {
  const own = await cloneDatabase()
  const connected = await connect(own)
  return Object.assign(connected, { watched: await watchDatabase(own.ownerUrl), uses: 0 })
}

async function discard({ watched, close, drop }: Reusable): Promise<void> {
  await Promise.all([watched.close(), close()])
  await drop()
}

async function connect(own: TestDatabase): Promise<Connected> {
  const database = await connectDatabase({ url: own.url, readConnections: 2, poolConnectionsMax: 24 })
  const connected: Connected = {
    ...own,
    database,
    enqueue: () => Promise.reject(new Error('the queue is not started')),
    onJobError: () => undefined,
    close: async () => {
      await queue.stop()
      await database.close()
    },
  }
  const queue = await startJobs({
    url: own.url,
    database,
    // Without work they are not used.
    clock: () => new Date(),
    jobs,
    work: false,
    onError: (error) => connected.onJobError(error),
  })
  connected.enqueue = queue.enqueue
  return connected
}

/** The database for one test: after `close` it begins no transaction any more, so that nothing of it reaches the next one. */
function lend(database: OpenDatabase) {
  const queriesBefore = queriesOf(database)
  let unfinished = 0
  let isClosed = false
  const lent = (of: Database): Database => ({
    read: of.read,
    transaction: async (work) => {
      if (isClosed) throw new Error('the test of this transaction has ended')
      unfinished++
      try {
        return await of.transaction(work)
      } finally {
        unfinished--
      }
    },
    as: (scope) => lent(of.as(scope)),
  })
  return {
    database: { ...lent(database), close: async () => undefined },
    close: () => {
      isClosed = true
    },
    /** False too if the test has put something of its own in place of the shared queries. */
    isFinished: async () => {
      for (let waited = 0; unfinished > 0 && waited < unfinishedMsMax; waited += askAgainMs)
        await pause(askAgainMs)
      return unfinished === 0 && queriesBefore.every((query, index) => query === queriesOf(database)[index])
    },
  }
}

const anonymous = { ...systemRlsContext, caller: 'anonymous' } as const
const queriesOf = (database: Database) =>
  [systemRlsContext, anonymous].map((scope) => database.as(scope).read.$client.query)
