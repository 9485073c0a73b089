/** What a visit stands on: a pact in force, and two sides that may act. Asked whenever something new is agreed. */
import type { Act } from '../platform/act.ts'
import { dateOf } from '../platform/clock.ts'
import type { Tx } from '../platform/database.ts'
import { actingStatuses } from '../organisations/policy.ts'
import { sides } from './lifecycle.ts'
import { organisationAt } from './policy.ts'
import { pactNotActive, sideCannotAct } from './problems.ts'
import { holdOrganisationStatuses, holdPactInForce } from './queries.ts'

type Agreed = { pactId: string; hostId: string; visitorId: string }

/** 409 when the pact has ended or a side is suspended; else all stay as they are until the transaction ends. */
export async function holdStanding(tx: Tx, act: Act, visit: Agreed): Promise<void> {
  if (!(await holdPactInForce(tx, visit.pactId, dateOf(act.now)))) throw pactNotActive()
  const found = await holdOrganisationStatuses(tx, [visit.hostId, visit.visitorId])
  for (const side of sides) {
    const status = found.find((one) => one.id === organisationAt(visit, side))?.status
    if (status === undefined || !actingStatuses.includes(status)) {
      throw sideCannotAct(`The ${side} is ${status}. ${sideCannotAct.kind.advice}`)
    }
  }
}
