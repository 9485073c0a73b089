/** Proposing a visit: under a pact in force, between two of its parties, with windows that exist. */
import type { LiveMandate } from '../platform/access.ts'
import { holdMandate, transaction, type Act } from '../platform/act.ts'
import type { Tx } from '../platform/database.ts'
import { blindId } from '../platform/ids.ts'
import { record } from '../platform/ledger.ts'
import { invalid, type Fault } from '../platform/problems.ts'
import { accessPact } from '../pacts/actions.ts'
import { readVisit } from './actions.ts'
import { mayRead } from './policy.ts'
import { pactNotActive } from './problems.ts'
import { holdPactStatus, visitById } from './queries.ts'
import type { ProposeVisit } from './schemas.ts'
import { visits } from './tables.ts'
import { readWindows, spanOf, type Window } from './windows.ts'

/** Either side offers; the windows are the host's local times. */
export function proposeVisit(act: Act, input: ProposeVisit) {
  return transaction(act, async (tx) => {
    const parties = await holdActivePact(tx, act, input)
    const windows = readWindows(input.windows, input.timeZone, act.now)
    const faults = [...faultsOfSides(input, parties), ...(await faultsOfReturn(tx, act, input))]
    if (faults.length > 0) throw invalid(undefined, { errors: faults })
    const id = await insertVisit(tx, act, input, windows)
    await record(tx, act, {
      type: 'visit.proposed',
      subjectId: id,
      subjectVersion: 1,
      organisationId: input.organisationId,
      mandateId: parties.mandate.id,
      details: { pactId: input.pactId, windows: windows.length },
    })
    return readVisit(tx, act.caller, id)
  })
}

type PactHeld = { mandate: LiveMandate; partyIds: string[] }

/** The pact is there for its parties only, and must be in force until the visit is written down. */
async function holdActivePact(tx: Tx, act: Act, input: ProposeVisit): Promise<PactHeld> {
  const { parties } = await accessPact(tx, act.caller, input.pactId)
  const mandate = await holdMandate(tx, act, input.organisationId, 'visit')
  if ((await holdPactStatus(tx, input.pactId)) !== 'active') throw pactNotActive()
  const partyIds = parties.filter((party) => party.standing === 'party').map((party) => party.organisationId)
  return { mandate, partyIds }
}

function faultsOfSides(input: ProposeVisit, { partyIds }: PactHeld): Fault[] {
  return (['hostId', 'visitorId'] as const)
    .filter((field) => !partyIds.includes(input[field]))
    .map((field) => ({ pointer: `/${field}`, code: 'not_a_party', detail: 'must be a party of the pact' }))
}

/** A visit is returned by one in the other direction, between the same two. */
async function faultsOfReturn(
  tx: Tx,
  act: Act,
  { returnsVisitId, hostId, visitorId }: ProposeVisit,
): Promise<Fault[]> {
  if (returnsVisitId === undefined) return []
  const earlier = await visitById(tx, returnsVisitId)
  if (earlier && mayRead(act.caller, earlier) && earlier.hostId === visitorId && earlier.visitorId === hostId)
    return []
  const detail = 'must be a visit in which the host was the visitor and the visitor the host'
  return [{ pointer: '/returnsVisitId', code: 'not_the_other_direction', detail }]
}

async function insertVisit(tx: Tx, act: Act, input: ProposeVisit, windows: Window[]): Promise<string> {
  const id = blindId()
  await tx.insert(visits).values({
    id,
    createdAt: act.now,
    updatedAt: act.now,
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
