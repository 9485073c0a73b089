/** Checks what every agreement on a visit requires: a pact in force, and two sides that may act. */
import type { ActionContext } from '../platform/actions/action-context.ts'
import { dateOf } from '../platform/clock.ts'
import type { Tx } from '../platform/database/database.ts'
import { actingStatuses } from '../organisations/policy.ts'
import { sides } from './lifecycle.ts'
import { organisationAt } from './policy.ts'
import { pactNotActive, sideCannotAct } from './problems.ts'
import { lockOrganisationStatuses, lockPactInForce } from './queries.ts'

type Agreed = { pactId: string; hostId: string; visitorId: string }

/** Throws 409 if the pact has ended or a side may not act. Locks all of them until the transaction ends. */
export async function requirePreconditions(tx: Tx, context: ActionContext, visit: Agreed): Promise<void> {
  if (!(await lockPactInForce(tx, visit.pactId, dateOf(context.now)))) throw pactNotActive()
  const found = await lockOrganisationStatuses(tx, [visit.hostId, visit.visitorId])
  for (const side of sides) {
    const status = found.find((one) => one.id === organisationAt(visit, side))?.status
    if (status === undefined || !actingStatuses.includes(status)) {
      throw sideCannotAct(`The ${side} is ${status}. ${sideCannotAct.kind.advice}`)
    }
  }
}
