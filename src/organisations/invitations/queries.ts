import { and, eq, getTableColumns, gt, inArray, isNull, lt, sql, type SQL } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import { isValidOn } from '../status/queries.ts'
import { organisations } from '../tables.ts'
import type { InvitationListParameters } from './schemas.ts'
import { invitations } from './tables.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'

const { hash: _hash, madeWithId: _madeWithId, ...columns } = getTableColumns(invitations)

const selectInvitations = (db: Db) =>
  db
    .select({
      ...columns,
      url: urlOf('invitations', invitations.id),
      organisation: referenceTo('organisations', organisations.id, organisations.name),
    })
    .from(invitations)
    .innerJoin(organisations, eq(organisations.id, invitations.organisationId))

/** Finds an invitation of one of these organisations. */
export async function invitationById(db: Db, ids: readonly string[], id: string) {
  const [row] = await selectInvitations(db).where(and(eq(invitations.id, id), isOfOrganisations(ids)))
  return row
}

export type InvitationRow = NonNullable<Awaited<ReturnType<typeof invitationById>>>

export async function listInvitationsOf(
  db: Db,
  ids: readonly string[],
  query: InvitationListParameters,
): Promise<Page<InvitationRow>> {
  const rows = await selectInvitations(db)
    .where(
      and(
        isOfOrganisations(ids),
        query.organisationId === undefined ? undefined : eq(invitations.organisationId, query.organisationId),
        newestAfter(invitations.createdAt, invitations.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(invitations.createdAt, invitations.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

const isOfOrganisations = (ids: readonly string[]): SQL =>
  ids.length > 0 ? inArray(invitations.organisationId, [...ids]) : sql`false`

const isLive = (now: string): SQL | undefined =>
  and(
    isNull(invitations.revokedAt),
    gt(invitations.expiresAt, now),
    lt(invitations.uses, invitations.usesMax),
  )

/**
 * Uses an invitation once, so that concurrent requests cannot exceed its uses. The coordination must be verified and
 * not sealed, and the mandate of the creator must still give the power to vouch.
 */
export async function consumeUse(tx: Tx, hash: Buffer, now: string) {
  const [used] = await tx
    .update(invitations)
    .set({ uses: sql`${invitations.uses} + 1` })
    .where(
      and(
        eq(invitations.hash, hash),
        isLive(now),
        sql`exists (select from ${organisations} o join mandates m on m.organisation_id = o.id
          where o.id = ${invitations.organisationId} and m.id = ${invitations.mandateId}
            and o.status = 'verified' and o.kind = 'coordination' and o.sealed_at is null
            and 'vouch' = any(m.powers) and ${isValidOn(dateOf(now))})`,
      ),
    )
    .returning({
      id: invitations.id,
      organisationId: invitations.organisationId,
      uses: invitations.uses,
    })
  return used
}

/** The invitations to revoke together. */
export type InvitationSelection =
  | { id: string }
  | { mandateId: string }
  | { madeWithIds: readonly string[] }
  | { organisationIds: readonly string[] }

export const revokeLiveInvitations = (tx: Tx, which: InvitationSelection, now: string) =>
  tx
    .update(invitations)
    .set({ revokedAt: now })
    .where(and(isSelected(which), isLive(now)))
    .returning({
      id: invitations.id,
      organisationId: invitations.organisationId,
      uses: invitations.uses,
    })

function isSelected(which: InvitationSelection): SQL {
  if ('id' in which) return eq(invitations.id, which.id)
  if ('mandateId' in which) return eq(invitations.mandateId, which.mandateId)
  if ('madeWithIds' in which) return inArray(invitations.madeWithId, [...which.madeWithIds])
  return inArray(invitations.organisationId, [...which.organisationIds])
}

/** Whether the token is valid. Locks it, so that it is not revoked before the transaction ends. */
export async function lockValidToken(tx: Tx, id: string, now: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from tokens where id = ${id} and revoked_at is null and expires_at > ${now} for share`,
  )
  return rows.length > 0
}

export async function deleteInvitationsExpiredBefore(tx: Tx, before: string, limit: number): Promise<number> {
  const { id, expiresAt: at } = invitations
  return deleteOldest(tx, { table: invitations, id, at }, before, limit)
}
