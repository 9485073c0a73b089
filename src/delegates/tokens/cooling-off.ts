/**
 * A token from another person's link cannot delete anything for 48 hours, if the person had another token before.
 * Administrators create links for their members, and two coordinators for an administrator, so they could take a token
 * and act as that person. The delay lets the person see and revoke it.
 */
import { sql } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter, hoursAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { tokenTooNew } from '../problems.ts'
import { tokens } from './tables.ts'

export const hoursUntilCooledOff = 48
/** How long expired and revoked tokens are kept, so that their holders count as recently active. */
export const invalidTokenDaysKept = 30

/** Throws 403 `token_too_new` for a token that has not cooled off yet. */
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

/** Whether the person held a valid token in the last 30 days: a seal or a thief may have revoked it. */
export async function heldTokenRecently(tx: Tx, delegateId: string, now: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from ${tokens} held where held.delegate_id = ${delegateId} and ${wasValidRecently('held', now)} limit 1`,
  )
  return rows.length > 0
}

const wasValidRecently = (token: string, now: string) =>
  sql`least(${sql.raw(token)}.revoked_at, ${sql.raw(token)}.expires_at) > ${daysAfter(now, -invalidTokenDaysKept)}`
