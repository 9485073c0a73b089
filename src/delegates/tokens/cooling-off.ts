/**
 * Whoever administers an organisation makes links for its people, and two coordinators for whoever administers it: they
 * could take a token as one of them. By the token of such a link nothing of a person who had another before is destroyed
 * until they had the time to see it in their list and to revoke it.
 */
import { sql } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter, hoursAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { tokenTooNew } from '../problems.ts'
import { tokens } from './tables.ts'

export const hoursUntilCooledOff = 48
/** So long tokens that are dead are kept, and their holders may come back with the next one. */
export const invalidTokenDaysKept = 30

/** Throws 403 `token_too_new` for the token of a delegate that is not settled yet. */
export async function requireCooledOff(tx: Tx, { caller, now }: ActionContext): Promise<void> {
  if (caller.kind !== 'delegate') return
  const { rows } = await tx.execute<{ taken_at: string }>(sql`
    with recursive origins as (
      select id, parent_id, by_administrator, origin, created_at from ${tokens} where id = ${caller.tokenId}
      union all
      select made_with.id, made_with.parent_id, made_with.by_administrator, made_with.origin, made_with.created_at
      from ${tokens} made_with join origins on made_with.id = origins.parent_id)
    select to_json(taken.created_at) #>> '{}' as taken_at from origins taken
    where (taken.by_administrator or taken.origin = 'recovery') and taken.created_at > ${hoursAfter(now, -hoursUntilCooledOff)}
      and exists (select from ${tokens} earlier where earlier.delegate_id = ${caller.delegateId}
        and earlier.created_at < taken.created_at and ${wasValidRecently('earlier', now)})`)
  const [taken] = rows
  if (taken)
    throw tokenTooNew(`${tokenTooNew.kind.advice} This token can delete from ${cooledOffAt(taken.taken_at)}.`)
}

const cooledOffAt = (takenAt: string): string =>
  hoursAfter(new Date(takenAt).toISOString(), hoursUntilCooledOff)

/** Whether somebody who holds no token now held one a short while ago: a seal, or a thief, may have ended it. */
export async function heldTokenRecently(tx: Tx, delegateId: string, now: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from ${tokens} held where held.delegate_id = ${delegateId} and ${wasValidRecently('held', now)} limit 1`,
  )
  return rows.length > 0
}

const wasValidRecently = (token: string, now: string) =>
  sql`least(${sql.raw(token)}.revoked_at, ${sql.raw(token)}.expires_at) > ${daysAfter(now, -invalidTokenDaysKept)}`
