/**
 * What is due by the clock, one row after another, each in a transaction of its own: a row that cannot be done is
 * told of and left for the next round, and the others are done. Several workers may sweep at once.
 */
import { transaction, type ActionContext } from '../actions/action-context.ts'
import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../database/database.ts'
import { everyMinute, type Job, type Report } from './queue.ts'
import { isUnavailable, tookTooLong } from '../database/sqlstate.ts'

export type Sweep = {
  /** What is due, the longest due first. */
  due(db: Db, batch: Batch): Promise<{ id: string }[]>
  /** Does what is due to one of them. False when there was nothing to do: see `skipLocked` in the queries. */
  carryOut(tx: Tx, context: ActionContext, id: string): Promise<boolean>
}

/** `except`: what could not be done in this round, lest it stands in the way of what is due after it. */
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
    // Not on the shared connections: what is slow to find must hold up nobody's reading.
    const found = await context.db.transaction((tx) => due(tx, { now: context.now, limit: batchMax, except }))
    const fresh = found.filter(({ id }) => !tried.has(id))
    for (const { id } of fresh) {
      tried.add(id)
      // Each is dated when it is done: of a long round, `updatedAfter` would miss what was dated by its beginning.
      const ofRow = { ...context, now: clock().toISOString() }
      if (!(await attempt(ofRow, carryOut, id, tell))) except.push(id)
    }
    // What was done and is due again all the same waits for the next round.
    if (found.length < batchMax || fresh.length === 0) return
  }
}

async function attempt(
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
export type DeleteSome = (tx: Tx, now: string, limit: number) => Promise<number>

/** Rows without a history of their own go in batches, so that none of them holds locks for long. */
export const deletionJob = (name: string, cron: string, forgetSome: DeleteSome): Job => ({
  name,
  cron,
  run: (context) => deleteSome(context, forgetSome),
})

async function deleteSome(context: ActionContext, forgetSome: DeleteSome): Promise<void> {
  for (;;) {
    const { count } = await transaction(context, async (tx) => ({
      count: await forgetSome(tx, context.now, batchMax),
    }))
    if (count < batchMax) return
  }
}
