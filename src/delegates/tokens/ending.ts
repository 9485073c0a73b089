/** What somebody made by a mandate to administer ends with that authority. */
import { and, eq, inArray, isNull, ne } from 'drizzle-orm'
import type { Act } from '../../platform/act.ts'
import type { Tx } from '../../platform/database.ts'
import { recordAll, type Entry } from '../../platform/ledger.ts'
import { delegates } from '../tables.ts'
import { enrolmentLinks, tokens } from './tables.ts'

type Ended = { id: string; delegateId: string; organisationId: string }

/**
 * Revokes the organisation's API clients that this person minted and the unused links that they made for others: whoever
 * is recalled knows those secrets. What people took by such links is theirs and stays.
 */
export async function endWhatTheyMade(
  tx: Tx,
  act: Act,
  mandate: Ended,
  byMandateId: string | null,
): Promise<void> {
  const { id: endedMandateId, organisationId } = mandate
  const told = { subjectVersion: 2, organisationId, mandateId: byMandateId, details: { endedMandateId } }
  const clients = await revokeClients(tx, act.now, mandate)
  const links = await revokeLinks(tx, act.now, mandate)
  await recordAll(tx, act, [
    ...clients.map(({ id }): Entry => ({ ...told, type: 'token.revoked', subjectId: id })),
    ...links.map(({ id }): Entry => ({ ...told, type: 'enrolment_link.revoked', subjectId: id })),
  ])
}

const revokeClients = (tx: Tx, now: string, { delegateId, organisationId }: Ended) =>
  tx
    .update(tokens)
    .set({ revokedAt: now })
    .where(
      and(
        eq(tokens.organisationId, organisationId),
        eq(tokens.createdByDelegateId, delegateId),
        isNull(tokens.revokedAt),
      ),
    )
    .returning({ id: tokens.id })

const revokeLinks = (tx: Tx, now: string, { delegateId, organisationId }: Ended) =>
  tx
    .update(enrolmentLinks)
    .set({ revokedAt: now })
    .where(
      and(
        eq(enrolmentLinks.createdByDelegateId, delegateId),
        ne(enrolmentLinks.delegateId, delegateId),
        inArray(enrolmentLinks.delegateId, madeKnownBy(tx, organisationId)),
        isNull(enrolmentLinks.usedAt),
        isNull(enrolmentLinks.revokedAt),
      ),
    )
    .returning({ id: enrolmentLinks.id })

const madeKnownBy = (tx: Tx, organisationId: string) =>
  tx.select({ id: delegates.id }).from(delegates).where(eq(delegates.organisationId, organisationId))
