/** The databases at a start: given, or in an embedded PostgreSQL; prepared by one process for all of them. */
import { setTimeout as pause } from 'node:timers/promises'
import { provisionKeys } from './open-vault.ts'
import { provisionOwnDatabase } from './provision-database.ts'
import type { Config } from './platform/start/config.ts'
import { requireFitForService } from './platform/start/database-check.ts'
import { isUnavailable } from './platform/database/sqlstate.ts'
import { startOwnServer } from './platform/embedded/own-server.ts'
import type { Assignment, Databases } from './platform/start/processes.ts'
import type { Supervision } from './platform/start/supervision.ts'

const stepAttemptsMax = 10
const stepPauseMs = 500

/** Runs a step of the start. Each step can be repeated. */
export type Step = <Result>(work: () => Promise<Result>) => Promise<Result>

export type OpenedDatabases = {
  /** The main database by the user of the service. */
  url: string
  keysUrl: string | undefined
  step: Step
  stepOfKeys: Step
  /** What the other processes need of it. */
  forOthers: Databases | undefined
}

type Closers = (() => Promise<unknown>)[]

/** Throws a start failure. `assignment`: for one of several processes, whose supervisor has the embedded PostgreSQL. */
export async function openDatabases(
  config: Config,
  life: { closers: Closers; supervision: Supervision },
  assignment: Assignment | undefined,
): Promise<OpenedDatabases> {
  if (config.databaseUrl !== undefined) {
    if (!assignment?.prepared) await requireFitForService(config.databaseUrl)
    const keysUrl = config.keysDatabaseUrl
    return { url: config.databaseUrl, keysUrl, step: once, stepOfKeys: once, forOthers: undefined }
  }
  const server = assignment ? undefined : await startOwnServer(config, life)
  const step = despiteRestarts(server?.answers)
  const stepOfKeys = config.keysDatabaseUrl ? once : step
  const { url, keysUrl } =
    assignment?.prepared?.databases ?? (await prepared(config, server ?? assignment?.owned, step, stepOfKeys))
  return { url, keysUrl, step, stepOfKeys, forOthers: { url, keysUrl } }
}

async function prepared(
  config: Config,
  owned: Databases | undefined,
  step: Step,
  stepOfKeys: Step,
): Promise<Databases> {
  if (!owned) throw new Error('an embedded PostgreSQL has databases')
  const url = await step(() => provisionOwnDatabase(owned.url))
  return { url, keysUrl: (await stepOfKeys(() => provisionKeys(config, owned.keysUrl))) as string }
}

const once: Step = (work) => work()

/** Repeats steps that a crash of the embedded server interrupted, after its restart. */
const despiteRestarts =
  (answers: () => Promise<void> = async () => undefined): Step =>
  async (work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt === stepAttemptsMax || !isUnavailable(error)) throw error
        await pause(stepPauseMs)
        await answers()
      }
    }
  }
