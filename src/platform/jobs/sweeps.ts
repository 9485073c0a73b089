/**
 * Sweeps process due rows, each in its own transaction. A row that fails is reported and left for the next round, and the others
 * continue. Several workers may sweep at once.
 */
import { transaction, type ActionContext } from '../actions/action-context.ts'
import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../database/database.ts'
import { everyMinute, type Job, type Report } from './queue.ts'
import { isUnavailable, tookTooLong } from '../database/sqlstate.ts'

export type Sweep = {
  /** Finds due rows, the oldest first. */
  due(db: Db, batch: Batch): Promise<{ id: string }[]>
  /** Processes one row. Returns false if there was nothing to do, for example because the row was locked. */
  carryOut(tx: Tx, context: ActionContext, id: string): Promise<boolean>
}

/** `except`: rows that failed in this round, so that they do not block the rows behind them. */
export type Batch = { now: string; limit: number; except: readonly string[] }

const batchMax = 200

export const sweepJob = (name: string, work: Sweep, cron = everyMinute): Job => ({
  name,
  cron,
  run: (context, _payload, tell, clock) => sweep(context, work, tell, clock),
})

export async function sweep(
  context: ActionContext,
  { due, carryOut }: Sweep,
  tell: Report,
  clock: Clock,
): Promise<void> {
  const except: string[] = []
  const tried = new Set<string>()
  for (;;) {
    // Not on the shared read connections, because a slow query would delay requests.
    const found = await context.db.transaction((tx) => due(tx, { now: context.now, limit: batchMax, except }))
    const fresh = found.filter(({ id }) => !tried.has(id))
    for (const { id } of fresh) {
      tried.add(id)
      // Each is dated when it is done: of a long round, `updatedAfter` would miss what was dated by its beginning.
      const ofRow = { ...context, now: clock().toISOString() }
      if (!(await tryRow(ofRow, carryOut, id, tell))) except.push(id)
    }
    // Rows that were processed and are due again wait for the next round.
    if (found.length < batchMax || fresh.length === 0) return
  }
}

async function tryRow(
  context: ActionContext,
  carryOut: Sweep['carryOut'],
  id: string,
  tell: Report,
): Promise<boolean> {
  try {
    const { done } = await transaction(context, async (tx) => ({ done: await carryOut(tx, context, id) }))
    return done
  } catch (error) {
    // Without a database there is nothing to go on with; a row that took too long is a matter of that row.
    if (isUnavailable(error) && !tookTooLong(error)) throw error
    tell(error)
    return false
  }
}

/** Deletes up to so many of the rows that nobody may ask for any more, and answers how many it deleted. */
export type DeleteBatch = (tx: Tx, now: string, limit: number) => Promise<number>

/** Rows without a history of their own go in batches, so that none of them holds locks for long. */
export const deletionJob = (name: string, cron: string, forgetSome: DeleteBatch): Job => ({
  name,
  cron,
  run: (context) => deleteInBatches(context, forgetSome),
})

async function deleteInBatches(context: ActionContext, forgetSome: DeleteBatch): Promise<void> {
  for (;;) {
    const { count } = await transaction(context, async (tx) => ({
      count: await forgetSome(tx, context.now, batchMax),
    }))
    if (count < batchMax) return
  }
}
