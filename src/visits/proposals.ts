/** Proposing a visit: under a pact in force, between two of its parties, with windows that exist. */
import { requireMandate, transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Tx } from '../platform/database/database.ts'
import { randomId } from '../platform/ids.ts'
import { record } from '../platform/ledger/ledger.ts'
import { zoneRules } from '../platform/wire/zones.ts'
import { invalidBecause, type Fault } from '../platform/problems.ts'
import { mayRead as mayReadPact, declinedParty, type KnownPact } from '../pacts/policy.ts'
import { knownPact } from '../pacts/queries.ts'
import { readVisit } from './actions.ts'
import type { VisitStatus } from './lifecycle.ts'
import { mayRead } from './policy.ts'
import { visitNotReturnable } from './problems.ts'
import { visitById, type VisitRow } from './queries.ts'
import type { ProposeVisit } from './schemas.ts'
import { requirePreconditions } from './preconditions.ts'
import { visits } from './tables.ts'
import { readWindows, spanOf, type Window } from './windows.ts'

/** Either side offers; the windows are the host's local times. */
export function proposeVisit(context: ActionContext, input: ProposeVisit) {
  return transaction(context, async (tx) => {
    const mandate = await requireMandate(tx, context, input.organisationId, 'visit')
    const pact = await readablePact(tx, context, input.pactId)
    const earlier = await readableVisit(tx, context, input.returnsVisitId)
    const { windows, faults } = readWindows(input.windows, input.timeZone, context.now)
    faults.unshift(...faultsOfPact(pact, input), ...faultsOfReturn(earlier, input))
    if (faults.length > 0) throw invalidBecause(...faults)
    await requirePreconditions(tx, context, input)
    if (earlier && !begun.includes(earlier.status)) throw visitNotReturnable()
    const id = await insertVisit(tx, context, input, windows)
    record(tx, context, {
      type: 'visit.proposed',
      subjectId: id,
      subjectVersion: 1,
      organisationId: input.organisationId,
      mandateId: mandate.id,
      details: { pactId: input.pactId, windows: windows.length },
    })
    return readVisit(tx, context, id)
  })
}

/** A visit that has begun cannot be called off any more, so that whatever is returned did take place. */
const begun: readonly VisitStatus[] = ['in_progress', 'completed', 'reported']

/** For a party that left nobody is a party: it is not told who of the others stayed. */
async function readablePact(tx: Tx, context: ActionContext, id: string): Promise<KnownPact | undefined> {
  const pact = await knownPact(tx, id)
  if (!pact || !mayReadPact(context.caller, pact)) return undefined
  return declinedParty(context.caller, pact.parties) ? { ...pact, parties: [] } : pact
}

async function readableVisit(
  tx: Tx,
  context: ActionContext,
  id: string | undefined,
): Promise<VisitRow | undefined> {
  const visit = id === undefined ? undefined : await visitById(tx, id)
  return visit && mayRead(context.caller, visit) ? visit : undefined
}

function faultsOfPact(pact: KnownPact | undefined, input: ProposeVisit): Fault[] {
  if (!pact) return [{ pointer: '/pactId', code: 'unknown_pact', detail: 'is not a pact that you can see' }]
  const partyIds = pact.parties
    .filter((party) => party.standing === 'party')
    .map((party) => party.organisationId)
  return (['hostId', 'visitorId'] as const)
    .filter((field) => !partyIds.includes(input[field]))
    .map((field) => ({ pointer: `/${field}`, code: 'not_a_party', detail: 'must be a party of the pact' }))
}

/** A return visit must be under the same pact, in the other direction, between the same two organisations. */
function faultsOfReturn(earlier: VisitRow | undefined, input: ProposeVisit): Fault[] {
  if (input.returnsVisitId === undefined) return []
  const pointer = '/returnsVisitId'
  if (!earlier) return [{ pointer, code: 'unknown_visit', detail: 'is not a visit that you can see' }]
  if (earlier.hostId !== input.visitorId || earlier.visitorId !== input.hostId) {
    const detail = 'must be a visit in which the host was the visitor and the visitor the host'
    return [{ pointer, code: 'not_the_other_direction', detail }]
  }
  if (earlier.pactId !== input.pactId) {
    return [{ pointer, code: 'another_pact', detail: 'must be a visit under the same pact' }]
  }
  return []
}

async function insertVisit(
  tx: Tx,
  context: ActionContext,
  input: ProposeVisit,
  windows: Window[],
): Promise<string> {
  const id = randomId()
  await tx.insert(visits).values({
    id,
    createdAt: context.now,
    updatedAt: context.now,
    status: 'proposed',
    pactId: input.pactId,
    hostId: input.hostId,
    visitorId: input.visitorId,
    offeredBy: input.organisationId === input.hostId ? 'host' : 'visitor',
    purpose: input.purpose,
    mode: input.mode,
    place: input.place ?? null,
    country: input.country ?? null,
    timeZone: input.timeZone,
    zoneDataVersion: zoneRules.version,
    windows,
    ...spanOf(windows),
    needs: {
      interpreterLanguages: input.needs?.interpreterLanguages ?? [],
      visa: input.needs?.visa ?? false,
      lodging: input.needs?.lodging ?? false,
      accessibility: input.needs?.accessibility ?? null,
    },
    returnsVisitId: input.returnsVisitId ?? null,
  })
  return id
}
