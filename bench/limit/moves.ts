/**
 * The moves open to the caller, each combination computed once by the service's own policies. A benchmark's caller is the
 * secretary of one organisation, so their moves follow from few fields of the row.
 */
import type { Caller } from '../../src/platform/access.ts'
import { powersOfOffice } from '../../src/delegates/mandates/lifecycle.ts'
import { allowedMoves as movesOfOrganisation } from '../../src/organisations/policy.ts'
import type { OrganisationStatus } from '../../src/organisations/lifecycle.ts'
import { allowedMoves as movesOfPact } from '../../src/pacts/policy.ts'
import type { PactStatus } from '../../src/pacts/lifecycle.ts'
import { allowedMoves as movesOfVisit } from '../../src/visits/policy.ts'
import type { Side, VisitStatus } from '../../src/visits/lifecycle.ts'

const known = new Map<string, string>()

function once(key: string, moves: () => readonly string[]): string {
  const json = known.get(key) ?? JSON.stringify(moves())
  known.set(key, json)
  return json
}

const secretaryOf = (organisationId: string): Caller => ({
  kind: 'delegate',
  delegateId: '',
  tokenId: '',
  scopes: [],
  elevated: false,
  sealedOrganisations: new Set<string>(),
  mandates: [
    {
      id: '',
      organisationId,
      organisationKind: 'union',
      organisationStatus: 'verified',
      powers: powersOfOffice.secretary,
      sealed: false,
    },
  ],
})

const own = 'own'
const other = 'other'

export function organisationMoves(isOwn: boolean, status: string, kind: string): string {
  if (!isOwn) return '[]'
  const organisation = { id: own, status: status as OrganisationStatus, kind }
  return once(`organisation ${status} ${kind}`, () => movesOfOrganisation(secretaryOf(own), organisation))
}

/** For a party that did not decline. */
export function pactMoves(isProposer: boolean, status: string): string {
  const party = { standing: 'party', declinedNumber: null, declinedAt: null, declinedVersion: null } as const
  const pact = {
    id: '',
    status: status as PactStatus,
    proposerId: isProposer ? own : other,
    proposedAt: '2026-01-01T00:00:00.000Z',
    parties: [
      { ...party, organisationId: own },
      { ...party, organisationId: other },
    ],
  }
  return once(`pact ${isProposer} ${status}`, () => movesOfPact(secretaryOf(own), pact))
}

type Visit = { status: string; offeredBy: string; confirmedBy: string; reportedBy: string }

export function visitMoves(isHost: boolean, { status, offeredBy, confirmedBy, reportedBy }: Visit): string {
  return once(`visit ${isHost} ${status} ${offeredBy} ${confirmedBy} ${reportedBy}`, () =>
    movesOfVisit(secretaryOf(own), {
      hostId: isHost ? own : other,
      visitorId: isHost ? other : own,
      status: status as VisitStatus,
      offeredBy: offeredBy as Side,
      confirmedBy: JSON.parse(confirmedBy) as Side[],
      reportedBy: JSON.parse(reportedBy) as Side[],
    }),
  )
}
