import { and, eq, getTableColumns, gt, inArray, isNull, or, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { mandatesOf, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { build, prepared } from '../../platform/database/prepared.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import { currentSealVersion } from '../../organisations/status/queries.ts'
import { organisations } from '../../organisations/tables.ts'
import { pactParties, pacts } from '../tables.ts'
import type { LinkStatus, OfferLinkListParameters } from './schemas.ts'
import { offerLinks } from './tables.ts'
import { deleteOldestByAny } from '../../platform/database/delete-oldest.ts'

const maker = alias(organisations, 'maker')

/**
 * Whether it opens the account of its addressee: when it is of those who made the addressee known, or of the one that
 * they were merged into.
 */
const mayClaim = sql<boolean>`coalesce(${organisations.createdByOrganisationId} = ${pacts.proposerId} or exists (
  select from ${organisations} maker
  where ${maker.id} = ${organisations.createdByOrganisationId} and ${maker.mergedIntoId} = ${pacts.proposerId}), false)`

const columns = {
  id: offerLinks.id,
  url: urlOf('offer-links', offerLinks.id),
  pactId: offerLinks.pactId,
  proposerId: pacts.proposerId,
  pact: referenceTo('pacts', pacts.id, pacts.title),
  organisation: referenceTo('organisations', organisations.id, organisations.name),
  mayClaim,
  createdAt: offerLinks.createdAt,
  expiresAt: offerLinks.expiresAt,
  usedAt: offerLinks.usedAt,
  revokedAt: offerLinks.revokedAt,
}

const selectLinks = (db: Db) =>
  db
    .select(columns)
    .from(offerLinks)
    .innerJoin(pacts, eq(pacts.id, offerLinks.pactId))
    .innerJoin(organisations, eq(organisations.id, offerLinks.organisationId))

const byHash = prepared(
  'offer_link_by_hash',
  build
    .select({
      ...getTableColumns(offerLinks),
      organisationStatus: organisations.status,
      sealVersion: currentSealVersion,
    })
    .from(offerLinks)
    .innerJoin(organisations, eq(organisations.id, offerLinks.organisationId))
    .where(eq(offerLinks.hash, sql.placeholder('hash'))),
)

/** Asked on every request of a link holder: what was spent or revoked a moment ago is so in this answer. */
export async function linkByHash(db: Db, hash: Buffer) {
  const [row] = await byHash(db, { hash })
  return row
}

/** Whose link it is, and whether it opens the account of its addressee. */
export async function originOfLink(tx: Tx, id: string) {
  const [row] = await tx
    .select({ proposerId: pacts.proposerId, mayClaim })
    .from(offerLinks)
    .innerJoin(pacts, eq(pacts.id, offerLinks.pactId))
    .innerJoin(organisations, eq(organisations.id, offerLinks.organisationId))
    .where(eq(offerLinks.id, id))
  return row
}

/** A link of a pact that one of the caller's organisations proposed. */
export async function offerLinkById(db: Db, context: ActionContext, id: string) {
  const [row] = await selectLinks(db).where(and(eq(offerLinks.id, id), isSentBy(context.caller)))
  return row
}

export type OfferLinkRow = NonNullable<Awaited<ReturnType<typeof offerLinkById>>>

export async function listLinks(
  db: Db,
  context: ActionContext,
  query: OfferLinkListParameters,
): Promise<Page<OfferLinkRow>> {
  const rows = await selectLinks(db)
    .where(
      and(
        isSentBy(context.caller),
        query.pactId === undefined ? undefined : eq(offerLinks.pactId, query.pactId),
        query.status && or(...query.status.map((status) => hasStatus(status, context.now))),
        newestAfter(offerLinks.createdAt, offerLinks.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(offerLinks.createdAt, offerLinks.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

function isSentBy(caller: Caller): SQL {
  const own = mandatesOf(caller).map((mandate) => mandate.organisationId)
  if (own.length === 0) return sql`false`
  // Said twice: who proposes is a party, and for parties there is an index that leads to their pacts.
  return sql`${inArray(pacts.proposerId, own)} and ${offerLinks.pactId} in (
    select pact_id from ${pactParties} where ${inArray(pactParties.organisationId, own)})`
}

/** The same as `statusOf` tells of one row. */
function hasStatus(status: LinkStatus, now: string): SQL | undefined {
  const unended = and(isNull(offerLinks.usedAt), isNull(offerLinks.revokedAt))
  const conditions: Record<LinkStatus, SQL | undefined> = {
    used: sql`${offerLinks.usedAt} is not null`,
    revoked: sql`${offerLinks.revokedAt} is not null`,
    expired: and(unended, sql`${offerLinks.expiresAt} <= ${now}`),
    live: and(unended, gt(offerLinks.expiresAt, now)),
  }
  return conditions[status]
}

const isLive = (now: string): SQL | undefined => hasStatus('live', now)

/** Spends the link, for one of those who try at the same time. */
export const spendLiveLink = (tx: Tx, id: string, now: string) =>
  tx
    .update(offerLinks)
    .set({ usedAt: now })
    .where(and(eq(offerLinks.id, id), isLive(now)))
    .returning({ id: offerLinks.id })

/** Keeps the link from being spent or revoked until the transaction ends. */
export const lockLiveLink = (tx: Tx, id: string, now: string) =>
  tx
    .select({ id: offerLinks.id })
    .from(offerLinks)
    .where(and(eq(offerLinks.id, id), isLive(now)))
    .for('share')

export const revokeLiveLinks = (tx: Tx, which: { id: string } | { organisationId: string }, now: string) =>
  tx
    .update(offerLinks)
    .set({ revokedAt: now })
    .where(
      and(
        'id' in which ? eq(offerLinks.id, which.id) : eq(offerLinks.organisationId, which.organisationId),
        isLive(now),
      ),
    )
    .returning({ id: offerLinks.id, pactId: offerLinks.pactId })

/** Those that these organisations sent or were sent. */
export const revokeLiveLinksOfOrganisations = (tx: Tx, ids: readonly string[], now: string) =>
  tx
    .update(offerLinks)
    .set({ revokedAt: now })
    .where(
      and(
        or(
          inArray(offerLinks.organisationId, [...ids]),
          inArray(
            offerLinks.pactId,
            // By the parties, which have an index; the proposer is one of them.
            tx
              .select({ id: pacts.id })
              .from(pactParties)
              .innerJoin(pacts, eq(pacts.id, pactParties.pactId))
              .where(and(inArray(pactParties.organisationId, [...ids]), inArray(pacts.proposerId, [...ids]))),
          ),
        ),
        isLive(now),
      ),
    )
    .returning({ id: offerLinks.id, pactId: offerLinks.pactId })

export async function deleteLinksEndedBefore(tx: Tx, before: string, limit: number): Promise<number> {
  const { id, expiresAt, usedAt, revokedAt } = offerLinks
  const deletables = [expiresAt, usedAt, revokedAt].map((at) => ({ table: offerLinks, id, at }))
  return deleteOldestByAny(tx, deletables, before, limit)
}
