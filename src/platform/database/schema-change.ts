/** One transaction that changes tables while a service works on them. */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { startFailure } from '../failures.ts'
import { codeOf } from './sqlstate.ts'

const lockNotAvailable = '55P03'
/** Shorter than PostgreSQL's deadlock_timeout (1 s): of two that wait for each other, the service is never the one that fails. */
const lockMillisecondsMax = 200
const attemptsMax = 150

/**
 * Locks all tables, then runs `change`: others see all of it or nothing. Requests go first: a lock that is not free soon is given up
 * and tried again, so that nothing queues behind it. Throws a start failure after a minute.
 */
export async function changeSchema(owner: pg.Client, change: () => Promise<void>): Promise<void> {
  await inTransaction(owner, async () => {
    await lockTables(owner)
    await change()
  })
}

export async function inTransaction(owner: pg.Client, work: () => Promise<void>): Promise<void> {
  await owner.query('begin')
  try {
    await work()
    await owner.query('commit')
  } catch (error) {
    // A lost connection has rolled back already.
    await owner.query('rollback').catch(() => undefined)
    throw error
  }
}

async function lockTables(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ tables: string | null }>(
    `select string_agg(format('public.%I', relname), ', ' order by relname) as tables from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and pg_has_role(relowner, 'usage')`,
  )
  const tables = rows[0]?.tables
  if (!tables) return
  await owner.query(`set local lock_timeout = ${lockMillisecondsMax}`)
  await owner.query('savepoint unlocked')
  for (let attempt = 1; !(await isLocked(owner, tables)); attempt++) {
    if (attempt === attemptsMax) throw busy()
    await owner.query('rollback to unlocked')
    await pause(lockMillisecondsMax)
  }
  await owner.query('set local lock_timeout to default')
}

async function isLocked(owner: pg.Client, tables: string): Promise<boolean> {
  try {
    await owner.query(`lock table ${tables} in access exclusive mode`)
    return true
  } catch (error) {
    if (codeOf(error) === lockNotAvailable) return false
    throw error
  }
}

const busy = (): Error =>
  startFailure(
    'The tables cannot be changed because somebody has used one of them for a minute without a break; end long transactions, ' +
      'such as a backup, and run npm run migrate again.',
  )
