import {
  and,
  eq,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  notInArray,
  or,
  sql,
  type Placeholder,
  type SQL,
} from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { administeredBy, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf, daysAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf } from '../../platform/wire/cursors.ts'
import { referenceTo, subquery } from '../../platform/database/references.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import type { Reference } from '../../platform/wire/common-schemas.ts'
import { organisations } from '../../organisations/tables.ts'
import type { TokenListParameters } from './schemas.ts'
import { delegates } from '../tables.ts'
import { enrolmentLinks, tokens, type LinkCreator } from './tables.ts'
import { deleteOldestByAny } from '../../platform/database/delete-oldest.ts'

/** A token that was unused for longer is invalid, even before it expires: nobody misses it. */
export const idleDaysMax = 30

/** The first day on which a valid token may have been used last. */
export const idleBefore = (now: string): string => dateOf(daysAfter(now, -idleDaysMax))

/** The only definition of a valid token. */
export const isValid = (now: string | Placeholder, since: string | Placeholder): SQL | undefined =>
  and(gt(tokens.expiresAt, now), isNull(tokens.revokedAt), gte(tokens.usedOn, since))

const columns = {
  id: tokens.id,
  kind: tokens.kind,
  label: tokens.label,
  scopes: tokens.scopes,
  powers: tokens.powers,
  createdAt: tokens.createdAt,
  origin: tokens.origin,
  byAdministrator: tokens.byAdministrator,
  expiresAt: tokens.expiresAt,
  revokedAt: tokens.revokedAt,
  organisation: subquery(
    sql<Reference | null>`select ${referenceTo('organisations', organisations.id, organisations.name)}
      from ${organisations} where ${organisations.id} = ${tokens.organisationId}`,
  ),
}

/**
 * Lists the caller's own tokens and the API clients of organisations that they administer, without secrets and hashes.
 */
export async function visibleTokens(db: Db, context: ActionContext, query: TokenListParameters) {
  const rows = await db
    .select(columns)
    .from(tokens)
    .where(and(visibleTo(context.caller), newestAfter(tokens.createdAt, tokens.id, positionOf(query))))
    .orderBy(...newestFirst(tokens.createdAt, tokens.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function tokenById(db: Db, context: ActionContext, id: string) {
  const [row] = await db
    .select(columns)
    .from(tokens)
    .where(and(eq(tokens.id, id), visibleTo(context.caller)))
  return row
}

/** Valid tokens of a delegate, who may be a column of another statement. */
export const validTokensOf = (db: Db, delegateId: string | AnyPgColumn, now: string) =>
  db
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(sql`${tokens.delegateId} = ${delegateId}`, isValid(now, idleBefore(now))))
    .limit(1)

/** Moves the date of the last use forward, never back: several processes may disagree about midnight. */
export async function recordUse(tx: Tx, id: string, today: string): Promise<void> {
  await tx
    .update(tokens)
    .set({ usedOn: today })
    .where(and(eq(tokens.id, id), lt(tokens.usedOn, today)))
}

/** Locks a valid token until the transaction ends, so that its revocation finds what is created with it. */
export async function lockValidToken(tx: Tx, id: string, now: string) {
  const [row] = await tx
    .select({ id: tokens.id, expiresAt: tokens.expiresAt })
    .from(tokens)
    .where(and(eq(tokens.id, id), isValid(now, idleBefore(now))))
    .for('share')
  return row
}

const isIdle = (now: string): SQL | undefined =>
  and(sql`revoked_at is null`, lt(tokens.usedOn, idleBefore(now)), gt(tokens.expiresAt, now))

export const idleTokens = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(isIdle(now), notInArray(tokens.id, [...except])))
    .orderBy(tokens.usedOn, tokens.id)
    .limit(limit)

/** Revokes the token, unless another transaction locks it or it was used meanwhile. */
export async function revokeIdleToken(tx: Tx, id: string, now: string) {
  const free = tx
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(eq(tokens.id, id), isIdle(now)))
    .for('update', { skipLocked: true })
  const [ended] = await tx
    .update(tokens)
    .set({ revokedAt: now })
    .where(inArray(tokens.id, free))
    .returning({ id: tokens.id, organisationId: tokens.organisationId })
  return ended
}

/** Keeps the operator's revoked tokens: they show that there was one. */
export async function deleteTokensInvalidSince(tx: Tx, before: string, limit: number): Promise<number> {
  const { id, expiresAt, revokedAt } = tokens
  const where = sql`${tokens.kind} <> 'operator'`
  const deletables = [expiresAt, revokedAt].map((at) => ({ table: tokens, id, at, where }))
  return deleteOldestByAny(tx, deletables, before, limit)
}

/**
 * Finds an unused link, and when the token that created it expires. A used one takes no longer to look up than an
 * unknown one.
 */
export async function unusedLinkByHash(tx: Tx, hash: Buffer, now: string) {
  const { id, delegateId, createdByDelegateId, madeWithId, scopes } = enrolmentLinks
  const [row] = await tx
    .select({ id, delegateId, createdByDelegateId, madeWithId, scopes, madeWithExpiresAt: tokens.expiresAt })
    .from(enrolmentLinks)
    .leftJoin(tokens, eq(tokens.id, enrolmentLinks.madeWithId))
    .where(and(eq(enrolmentLinks.hash, hash), isUnused(now)))
  return row
}

export type UnusedLink = NonNullable<Awaited<ReturnType<typeof unusedLinkByHash>>>

const isUnused = (now: string): SQL | undefined =>
  and(isNull(enrolmentLinks.usedAt), isNull(enrolmentLinks.revokedAt), gt(enrolmentLinks.expiresAt, now))

export async function markLinkUsed(tx: Tx, id: string, now: string): Promise<boolean> {
  const { rowCount } = await tx
    .update(enrolmentLinks)
    .set({ usedAt: now })
    .where(and(eq(enrolmentLinks.id, id), isUnused(now)))
  return rowCount === 1
}

/** Lists the unused links to the caller, and to delegates of organisations that the caller administers. */
export async function visibleEnrolmentLinks(db: Db, context: ActionContext, query: TokenListParameters) {
  const own =
    context.caller.kind === 'delegate' ? eq(enrolmentLinks.delegateId, context.caller.delegateId) : sql`false`
  const { id, createdAt, expiresAt, createdByDelegateId, delegateId } = enrolmentLinks
  const rows = await db
    .select({
      id,
      createdAt,
      expiresAt,
      delegate: referenceTo('delegates', delegates.id, delegates.displayName),
      by: sql<LinkCreator>`case when ${createdByDelegateId} is null then 'coordinators'
        when ${createdByDelegateId} = ${delegateId} then 'self' else 'administrator' end`,
    })
    .from(enrolmentLinks)
    .innerJoin(delegates, eq(delegates.id, delegateId))
    .where(
      and(
        or(own, inArray(delegates.organisationId, administeredBy(context.caller))),
        isUnused(context.now),
        newestAfter(createdAt, id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(createdAt, id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function deleteDeadEnrolmentLinks(tx: Tx, now: string, limit: number): Promise<number> {
  const { id, expiresAt, usedAt, revokedAt } = enrolmentLinks
  const deletables = [expiresAt, usedAt, revokedAt].map((at) => ({ table: enrolmentLinks, id, at }))
  return deleteOldestByAny(tx, deletables, now, limit)
}

function visibleTo(caller: Caller): SQL | undefined {
  const administered = administeredBy(caller)
  return or(
    caller.kind === 'delegate' ? eq(tokens.delegateId, caller.delegateId) : undefined,
    'tokenId' in caller ? eq(tokens.id, caller.tokenId) : sql`false`,
    administered.length > 0 ? inArray(tokens.organisationId, administered) : undefined,
  )
}
