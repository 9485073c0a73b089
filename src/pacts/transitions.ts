/** The moves of a pact that people ask for, and those that jobs make. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Tx } from '../platform/database/database.ts'
import { requireVersion } from '../platform/ledger/versioned-update.ts'
import type { Sweep } from '../platform/jobs/sweeps.ts'
import type { AskedMove } from '../platform/lifecycle/transitions.ts'
import { readPact } from './actions.ts'
import { releasePairs } from './agreement.ts'
import {
  updatePact,
  requirePartyByMandate,
  lockPact,
  systemActor,
  type Actor,
  type LockedPact,
} from './pact-updates.ts'
import type { AskedPactMove, pactLifecycle } from './lifecycle.ts'
import { mandatesForMove } from './policy.ts'
import { closeProposal } from './proposals/close-proposal.ts'
import { overdueProposal, pactsWithOverdueProposal } from './proposals/queries.ts'
import { tryLockPact, lockPactToExpire, lockPactToLapse, pactsToExpire, pactsToLapse } from './queries.ts'

export function movePact(context: ActionContext, asked: AskedMove<typeof pactLifecycle>) {
  return transaction(context, async (tx) => {
    const pact = await lockPact(tx, context, asked.id)
    // The input schema allows only these moves.
    const move = asked.move as AskedPactMove
    const usable = mandatesForMove(context.caller, pact, move)
    const by = await requirePartyByMandate(tx, context, usable, asked.organisationId, refusalTexts[move])
    requireVersion(pact, asked.version)
    await moveEffects[move](tx, context, pact, by, asked.reason)
    return readPact(tx, context, pact.id)
  })
}

const refusalTexts: Readonly<Record<AskedPactMove, string>> = {
  withdraw: 'Only a delegate of the proposer with the power "negotiate" can withdraw the pact. Ask one.',
  decline:
    'Only the proposer can end the negotiation. You can decline the proposal for your own organisation.',
  reopen: 'Only a delegate of a party with the power "negotiate" can reopen the negotiation. Ask one.',
}

type MoveEffect = (
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: Actor,
  reason?: string,
) => Promise<unknown>

const moveEffects: Readonly<Record<AskedPactMove, MoveEffect>> = {
  withdraw: async (tx, context, pact, by, reason) => {
    await updatePact(tx, context, pact, { type: 'pact.withdrawn', move: 'withdraw', by, reason })
    await closeProposal(tx, context, pact.id, 'withdraw', by)
    await releasePairs(tx, pact.id)
  },
  decline: (tx, context, pact, by, reason) => endNegotiation(tx, context, pact, by, reason),
  // Existing signatures become void, because the pact no longer has the signed proposal.
  reopen: async (tx, context, pact, by, reason) => {
    const set = { proposalId: null, signBy: null }
    await updatePact(tx, context, pact, { type: 'pact.reopened', move: 'reopen', by, reason, set })
    await releasePairs(tx, pact.id)
  },
}

export async function endNegotiation(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: Actor,
  reason?: string,
): Promise<void> {
  await updatePact(tx, context, pact, { type: 'pact.declined', move: 'decline', by, reason })
  await closeProposal(tx, context, pact.id, 'decline', by)
}

/** Called by a job: lapses pacts that not all parties signed in time. */
export const pactLapseSweep: Sweep = {
  due: pactsToLapse,
  carryOut: async (tx, context, id) => {
    const pact = await lockPactToLapse(tx, id, context.now)
    if (!pact) return false
    await updatePact(tx, context, pact, { type: 'pact.lapsed', move: 'lapse', by: systemActor })
    await releasePairs(tx, id)
    return true
  },
}

/** Called by a job: expires pacts after their last day. */
export const pactExpirySweep: Sweep = {
  due: pactsToExpire,
  carryOut: async (tx, context, id) => {
    const pact = await lockPactToExpire(tx, id, context.now)
    if (!pact) return false
    await updatePact(tx, context, pact, { type: 'pact.expired', move: 'expire', by: systemActor })
    await releasePairs(tx, id)
    return true
  },
}

/** Called by a job: expires open proposals after their deadline. The negotiation can continue with another proposal. */
export const proposalExpirySweep: Sweep = {
  due: pactsWithOverdueProposal,
  carryOut: async (tx, context, pactId) => {
    const pact = await tryLockPact(tx, pactId)
    const late = pact && (await overdueProposal(tx, pactId, context.now))
    if (!late) return false
    await closeProposal(tx, context, pactId, 'expire', systemActor)
    await updatePact(tx, context, pact, {
      type: 'pact.offer_expired',
      by: systemActor,
      details: { proposalId: late.id },
    })
    return true
  },
}
