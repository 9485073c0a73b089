/** Background jobs with pg-boss in the same database, enqueued inside a transaction or scheduled. Each job calls one action. */
import { sql } from 'drizzle-orm'
import { PgBoss, fromDrizzle } from 'pg-boss'
import { systemContext, type ActionContext } from '../actions/action-context.ts'
import type { Clock } from '../clock.ts'
import { jobPoolConnectionsMax } from '../database/connection-counts.ts'
import { bypassRls, type Database, type Tx } from '../database/database.ts'
import { codeOf } from '../database/sqlstate.ts'

export type Job<Payload extends object = object> = {
  /** `pacts.remind`: the feature, a dot, what is done. */
  readonly name: string
  /** The schedule, as a cron line in UTC. */
  readonly cron?: string
  /** Whether the job also runs when a worker starts. */
  readonly atStart?: true
  /** What fails as a part, while the rest goes on, is told; what fails as a whole is thrown. */
  run(context: ActionContext, payload: Payload, tell: Report, clock: Clock): Promise<void>
}

export type Report = (failure: unknown) => void

/** Enqueues a job inside the transaction. Without a commit there is no job. */
export type Enqueue = <Payload extends object>(
  tx: Tx,
  job: Job<Payload>,
  payload: Payload,
  startAfter: string,
) => Promise<void>

export type Jobs = {
  enqueue: Enqueue
  stop(): Promise<void>
}

export type JobsOptions = {
  url: string
  database: Database
  clock: Clock
  /** The jobs of all features. */
  jobs: readonly Job[]
  /** Whether this process also runs jobs. */
  work: boolean
  onError(error: Error): void
}

const schema = 'jobs'
export const everyMinute = '* * * * *'

export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: options.url,
    schema,
    max: jobPoolConnectionsMax,
    application_name: 'solidarity-pact jobs',
    migrate: false,
    createSchema: false,
    supervise: options.work,
    schedule: options.work,
    useListenNotify: options.work,
  })
  boss.on('error', options.onError)
  try {
    await boss.start()
    if (options.work) for (const job of options.jobs) await registerJob(boss, job, options)
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined)
    throw error
  }
  return {
    enqueue: async (tx, job, payload, startAfter) => {
      await boss.send(job.name, payload, {
        db: fromDrizzle(bypassRls(tx), sql),
        startAfter: new Date(startAfter),
      })
    },
    stop: () => boss.stop({ graceful: true, timeout: 8_000 }),
  }
}

/** Makes the schema and a queue for each job; a part of migrating, so that every process finds them. */
export async function prepareJobs(url: string, jobs: readonly Job[]): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema, max: 1, supervise: false, schedule: false })
  boss.on('error', () => undefined)
  try {
    await boss.start()
    for (const job of jobs)
      await boss.createQueue(job.name, { notify: true, retryLimit: 5, retryBackoff: true })
  } finally {
    await boss.stop({ graceful: false }).catch(() => undefined)
  }
}

async function registerJob(boss: PgBoss, job: Job, options: JobsOptions): Promise<void> {
  await boss.work<object>(job.name, { pollingIntervalSeconds: 10 }, async (batch) => {
    for (const { data } of batch) await runAndReport(job, data, options)
  })
  if (job.cron) await boss.schedule(job.name, job.cron, {}, { tz: 'UTC' })
  if (job.atStart) await boss.send(job.name, {})
}

/** pg-boss keeps what a failed job says in its table, so it is told the code only; the log gets the same and the place. */
async function runAndReport(
  job: Job,
  payload: object,
  { database, clock, onError }: JobsOptions,
): Promise<void> {
  const tell: Report = (failure) => onError(failure instanceof Error ? failure : new Error('unknown'))
  try {
    await job.run(systemContext(database, clock()), payload, tell, clock)
  } catch (error) {
    tell(error)
    throw new Error(`${job.name} failed (${codeOf(error) ?? 'unknown'})`)
  }
}
