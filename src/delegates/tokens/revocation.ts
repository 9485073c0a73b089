/** Revocation of secrets: with what created them, with the authority by which they were created, and with a seal. */
import { and, eq, inArray, isNull, ne, or, sql, type SQL } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { record, recordAll, type Entry } from '../../platform/ledger/ledger.ts'
import { revokeInvitations } from '../../organisations/invitations/actions.ts'
import type { Sealed } from '../../organisations/seals/actions.ts'
import { mandates } from '../mandates/tables.ts'
import { openMandateStatuses } from '../policy.ts'
import { delegates } from '../tables.ts'
import { enrolmentLinks, tokens } from './tables.ts'

/** The mandate that revokes, and the organisation to record if the token belongs to none. */
type RevokedBy = { mandateId: string | null; organisationId?: string }

/** Revokes tokens and, recursively, everything that was created with them. */
export async function revokeWithDescendants(
  tx: Tx,
  context: ActionContext,
  tokenIds: readonly string[],
  { mandateId, organisationId: fallbackOrganisationId }: RevokedBy,
): Promise<void> {
  const ids = await lockWithDescendants(tx, tokenIds)
  const ended = await revokeTokens(tx, context.now, ids)
  const links = await revokeLinksOf(tx, context.now, ids)
  await revokeInvitations(tx, context, { madeWithIds: ids }, mandateId)
  recordAll(tx, context, [
    ...ended.map(({ id: subjectId, organisationId }): Entry => ({
      type: 'token.revoked',
      subjectId,
      subjectVersion: 2,
      organisationId: organisationId ?? fallbackOrganisationId,
      mandateId,
    })),
    ...links.map(({ id: subjectId, organisationId }): Entry => ({
      type: 'enrolment_link.revoked',
      subjectId,
      subjectVersion: 2,
      organisationId,
      mandateId,
    })),
  ])
}

/**
 * Locks the tokens generation by generation. Requests that create something with a token lock it too, so that what they
 * created is found. Tokens that are already revoked are followed too, because their children may be valid.
 */
async function lockWithDescendants(tx: Tx, tokenIds: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for (let found = await lockTokens(tx, inArray(tokens.id, [...tokenIds])); found.length > 0;) {
    const ids = found.map((token) => token.id)
    all.push(...ids)
    found = await lockTokens(tx, inArray(tokens.parentId, ids))
  }
  return all
}

const lockTokens = (tx: Tx, which: SQL) =>
  tx.select({ id: tokens.id }).from(tokens).where(which).orderBy(tokens.id).for('update')

const revokeTokens = (tx: Tx, now: string, ids: string[]) =>
  tx
    .update(tokens)
    .set({ revokedAt: now })
    .where(and(inArray(tokens.id, ids), isNull(tokens.revokedAt)))
    .returning({ id: tokens.id, organisationId: tokens.organisationId })

/**
 * Revokes the links that were created with one of these tokens, and all unused links of their holders to themselves.
 */
const revokeLinksOf = (tx: Tx, now: string, ids: string[]) =>
  tx
    .update(enrolmentLinks)
    .set({ revokedAt: now })
    .from(delegates)
    .where(
      and(
        eq(delegates.id, enrolmentLinks.delegateId),
        or(
          inArray(enrolmentLinks.madeWithId, ids),
          and(
            eq(enrolmentLinks.createdByDelegateId, enrolmentLinks.delegateId),
            inArray(
              enrolmentLinks.delegateId,
              tx
                .select({ id: sql<string>`${tokens.delegateId}` })
                .from(tokens)
                .where(inArray(tokens.id, ids)),
            ),
          ),
        ),
        isNull(enrolmentLinks.usedAt),
        isNull(enrolmentLinks.revokedAt),
      ),
    )
    .returning({ id: enrolmentLinks.id, organisationId: delegates.organisationId })

/** Revokes all unused links to a person, including those that others created. */
export async function revokeAllLinksTo(
  tx: Tx,
  context: ActionContext,
  delegateId: string,
  { mandateId, organisationId }: RevokedBy,
): Promise<void> {
  const links = await revokeLinksTo(tx, context.now, delegateId)
  const entry = { type: 'enrolment_link.revoked', subjectVersion: 2, organisationId, mandateId } as const
  recordAll(
    tx,
    context,
    links.map(({ id }): Entry => ({ ...entry, subjectId: id })),
  )
}

/** Revokes one link, unless it was used or is already revoked. */
export async function revokeLink(tx: Tx, context: ActionContext, id: string, by: RevokedBy): Promise<void> {
  const [link] = await tx
    .update(enrolmentLinks)
    .set({ revokedAt: context.now })
    .where(and(eq(enrolmentLinks.id, id), isNull(enrolmentLinks.usedAt), isNull(enrolmentLinks.revokedAt)))
    .returning({ id: enrolmentLinks.id })
  if (!link) return
  record(tx, context, { type: 'enrolment_link.revoked', subjectId: id, subjectVersion: 2, ...by })
}

const revokeLinksTo = (tx: Tx, now: string, delegateId: string) =>
  tx
    .update(enrolmentLinks)
    .set({ revokedAt: now })
    .where(
      and(
        eq(enrolmentLinks.delegateId, delegateId),
        isNull(enrolmentLinks.usedAt),
        isNull(enrolmentLinks.revokedAt),
      ),
    )
    .returning({ id: enrolmentLinks.id })

/**
 * Revokes all tokens and unused links of the organisations' clients and people, except the token that seals. This
 * includes people who also act elsewhere, because the token may be on the same device. Requests that create a secret
 * lock the organisations (`lockSealingOrganisations`), so nothing is missed.
 */
export async function revokeAllSecrets(tx: Tx, context: ActionContext, sealed: Sealed): Promise<void> {
  const { organisationId, mandateId, organisationIds } = sealed
  const entry = { subjectVersion: 2, organisationId, mandateId }
  const ended = await revokeTokensOf(tx, context, organisationIds)
  const links = await revokeEnrolmentLinks(tx, context.now, organisationIds)
  // Includes invitations of coordinations that are not sealed; their ledger does not learn which mandate revoked them.
  await revokeInvitations(bypassRls(tx), context, { madeWithIds: ended.map(({ id }) => id) }, null)
  recordAll(tx, context, [
    ...ended.map(({ id }): Entry => ({ ...entry, type: 'token.revoked', subjectId: id })),
    ...links.map(({ id }): Entry => ({ ...entry, type: 'enrolment_link.revoked', subjectId: id })),
  ])
}

const revokeTokensOf = (tx: Tx, { now, caller }: ActionContext, ids: readonly string[]) =>
  tx
    .update(tokens)
    .set({ revokedAt: now, elevatedUntil: null })
    .where(
      and(
        or(inArray(tokens.organisationId, [...ids]), inArray(tokens.delegateId, peopleOf(tx, ids))),
        isNull(tokens.revokedAt),
        'tokenId' in caller ? ne(tokens.id, caller.tokenId) : undefined,
      ),
    )
    .returning({ id: tokens.id })

const revokeEnrolmentLinks = (tx: Tx, now: string, ids: readonly string[]) =>
  tx
    .update(enrolmentLinks)
    .set({ revokedAt: now })
    .where(
      and(
        inArray(enrolmentLinks.delegateId, peopleOf(tx, ids)),
        isNull(enrolmentLinks.usedAt),
        isNull(enrolmentLinks.revokedAt),
      ),
    )
    .returning({ id: enrolmentLinks.id })

/** The people that these organisations added, and those who hold or claim a mandate there. */
const peopleOf = (tx: Tx, ids: readonly string[]) =>
  tx
    .select({ id: delegates.id })
    .from(delegates)
    .where(inArray(delegates.organisationId, [...ids]))
    .union(
      tx
        .select({ id: mandates.delegateId })
        .from(mandates)
        .where(
          and(inArray(mandates.organisationId, [...ids]), inArray(mandates.status, [...openMandateStatuses])),
        ),
    )

type EndedMandateReference = { id: string; delegateId: string; organisationId: string }

/**
 * Revokes the API clients that this person issued for the organisation and the unused links that they created for
 * others, because a recalled person knows those secrets. Tokens that others got with such links stay.
 */
export async function revokeSecretsOfAdministrator(
  tx: Tx,
  context: ActionContext,
  mandate: EndedMandateReference,
  byMandateId: string | null,
): Promise<void> {
  const { id: endedMandateId, organisationId } = mandate
  const entry = { subjectVersion: 2, organisationId, mandateId: byMandateId, details: { endedMandateId } }
  const clients = await revokeClients(tx, context.now, mandate)
  const links = await revokeLinks(tx, context.now, mandate)
  recordAll(tx, context, [
    ...clients.map(({ id }): Entry => ({ ...entry, type: 'token.revoked', subjectId: id })),
    ...links.map(({ id }): Entry => ({ ...entry, type: 'enrolment_link.revoked', subjectId: id })),
  ])
}

const revokeClients = (tx: Tx, now: string, { delegateId, organisationId }: EndedMandateReference) =>
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

const revokeLinks = (tx: Tx, now: string, { delegateId, organisationId }: EndedMandateReference) =>
  tx
    .update(enrolmentLinks)
    .set({ revokedAt: now })
    .where(
      and(
        eq(enrolmentLinks.createdByDelegateId, delegateId),
        ne(enrolmentLinks.delegateId, delegateId),
        inArray(enrolmentLinks.delegateId, addedBy(tx, organisationId)),
        isNull(enrolmentLinks.usedAt),
        isNull(enrolmentLinks.revokedAt),
      ),
    )
    .returning({ id: enrolmentLinks.id })

const addedBy = (tx: Tx, organisationId: string) =>
  tx.select({ id: delegates.id }).from(delegates).where(eq(delegates.organisationId, organisationId))
