/** The server of the story: a new one whose clock is set to the autumn of 2020, or a running one. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildApp } from '../../src/app.ts'
import { firstOperatorToken } from '../../src/delegates/tokens/actions.ts'
import { jobs } from '../../src/jobs.ts'
import { provisionOwnDatabase } from '../../src/provision-database.ts'
import { systemContext } from '../../src/platform/actions/action-context.ts'
import { readConfig } from '../../src/platform/start/config.ts'
import { connectDatabase } from '../../src/platform/database/database.ts'
import { startEmbedded } from '../../src/platform/embedded/embedded.ts'
import { startJobs } from '../../src/platform/jobs/queue.ts'
import { makeSigningKey, openSigner } from '../../src/platform/ledger/receipts.ts'
import { closedVault } from '../../src/platform/vault/vault.ts'

export type Stage = {
  url: string
  operatorToken: string
  now(): Date
  /** The calendar date this number of days from now. */
  dateIn(days: number): string
  /** Only on a new server. */
  travelTo?: (instant: string) => void
  close(): Promise<void>
}

const firstDay = '2020-10-05T09:00:00.000Z'

const dateAfter = (now: Date, days: number) =>
  new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10)

export function givenStage(url: string, operatorToken: string): Stage {
  const now = () => new Date()
  return { url, operatorToken, now, dateIn: (days) => dateAfter(now(), days), close: async () => undefined }
}

/** A real server: an embedded PostgreSQL in a temporary folder, and the app listening on loopback. */
export async function ownStage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-story-'))
  // As root, PostgreSQL runs under a separate account, which needs access to the folder.
  await chmod(folder, 0o711)
  const server = await startEmbedded({ dataFolder: folder })
  const stopServer = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return await stageOn(await provisionOwnDatabase(server.url), stopServer)
  } catch (error) {
    await stopServer()
    throw error
  }
}

/** The same on an existing database. */
export async function stageOn(databaseUrl: string, afterwards: () => Promise<void>): Promise<Stage> {
  let now = new Date(firstDay)
  const clock = () => new Date(now)
  const database = await connectDatabase({ url: databaseUrl, readConnections: 2, poolConnectionsMax: 10 })
  const operatorToken = (await firstOperatorToken(systemContext(database, now))) as string
  const background = await startJobs({
    url: databaseUrl,
    database,
    clock,
    jobs,
    work: false,
    onError: console.error,
  })
  const config = readConfig({ DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' })
  const app = await buildApp({
    config,
    database,
    clock,
    signer: openSigner(makeSigningKey()),
    vault: closedVault,
    enqueue: background.enqueue,
    state: { stopping: false },
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    operatorToken,
    now: clock,
    dateIn: (days) => dateAfter(now, days),
    travelTo: (instant) => {
      now = new Date(instant)
    },
    close: async () => {
      await app.close()
      await background.stop()
      await database.close()
      await afterwards()
    },
  }
}
