import { and, eq, sql } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { record } from '../../platform/ledger/ledger.ts'
import type { Actor } from '../pact-updates.ts'
import { proposalLifecycle, type ProposalMove } from './lifecycle.ts'
import { proposals } from './tables.ts'

/** Closes the open proposal of a locked pact and returns its id, or undefined if none is open. */
export async function closeProposal(
  tx: Tx,
  context: ActionContext,
  pactId: string,
  move: ProposalMove,
  by: Actor,
): Promise<string | undefined> {
  const status = proposalLifecycle.open[move]
  const [closed] = await tx
    .update(proposals)
    .set({ status, version: sql`${proposals.version} + 1`, updatedAt: context.now })
    .where(and(eq(proposals.pactId, pactId), eq(proposals.status, 'open')))
    .returning({ id: proposals.id, version: proposals.version })
  if (!closed) return undefined
  record(tx, context, {
    type: `proposal.${status}`,
    subjectId: closed.id,
    subjectVersion: closed.version,
    organisationId: by.organisationId,
    mandateId: by.mandateId,
    transition: { move, from: 'open', to: status },
    details: { pactId },
  })
  return closed.id
}
