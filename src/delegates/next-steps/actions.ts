/** The next step of a caller who cannot continue alone, as `/v1/me` shows it. */
import { mandatesOf, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { systemRlsContext } from '../../platform/database/rls-context.ts'
import { stepToVerification, verifiedCoordinations } from '../../organisations/next-steps/actions.ts'
import type { NextStep } from '../../organisations/next-steps/schemas.ts'
import {
  mandatesAndOrganisations,
  organisationOf,
  type MandateWithOrganisation,
  type OrganisationOfNextStep,
} from './queries.ts'

/** Returns null for the operator, and for a caller who can act in a verified organisation that is not sealed. */
export async function nextStepOf({ db, caller, now }: ActionContext): Promise<NextStep | null> {
  if (caller.kind === 'link') return answerOffer(caller.linkedId)
  if (!('mandates' in caller) || canAct(caller)) return null
  // RLS hides a suspended organisation from its own people, who must still learn of the suspension.
  const { read } = db.as(systemRlsContext)
  if (caller.kind === 'client') {
    const organisation = await organisationOf(read, caller.organisationId)
    return (organisation && stepOfOrganisation(organisation)) ?? null
  }
  const today = dateOf(now)
  const steps = (await mandatesAndOrganisations(read, caller.delegateId)).map((held) => stepOf(held, today))
  return nearestStep(steps) ?? noMandate(caller.delegateId)
}

const canAct = (caller: Caller): boolean =>
  mandatesOf(caller).some(({ organisationStatus, sealed }) => organisationStatus === 'verified' && !sealed)

/** The priority of a step: a present mandate comes before a future one, and that before an ended one. */
type RankedStep = { rank: number; step: NextStep }

const nearestStep = (steps: readonly (RankedStep | undefined)[]): NextStep | undefined =>
  steps.filter((one) => one !== undefined).sort((a, b) => a.rank - b.rank)[0]?.step

function stepOf(held: MandateWithOrganisation, today: string): RankedStep | undefined {
  if (isEnded(held, today)) return { rank: 3, step: mandateEnded(held) }
  if (held.mandateStatus === 'submitted') return { rank: 2, step: claimPending(held) }
  if (held.startsOn > today) return { rank: 1, step: startsLater(held) }
  const step = stepOfOrganisation(held)
  return step && { rank: 0, step }
}

const isEnded = ({ mandateStatus, endsOn }: MandateWithOrganisation, today: string): boolean =>
  !['active', 'submitted'].includes(mandateStatus) || (endsOn !== null && endsOn < today)

function stepOfOrganisation(organisation: OrganisationOfNextStep): NextStep | undefined {
  const { name, organisationId, organisationStatus, mergedIntoId, sealedAt } = organisation
  const url = `/v1/organisations/${organisationId}`
  if (sealedAt !== null)
    return {
      code: 'lift_seal',
      detail:
        `${name} is sealed, so nobody can act for it. When the danger is over, an administrator requests to lift the seal, ` +
        'and another person approves within 72 hours.',
      url: `${url}/seal/liftings`,
    }
  switch (organisationStatus) {
    case 'provisional':
      return stepToVerification(organisation)
    case 'rejected':
      return {
        code: 'resubmit',
        detail:
          `${name} was rejected, or nobody verified it in time. Read the reason here, correct what it names, and send ` +
          '{"move":"resubmit"} to the same address.',
        url: `${url}/transitions`,
      }
    case 'suspended':
      return {
        code: 'ask_for_reinstatement',
        detail:
          `${name} is suspended, so nobody can act for it. Two coordinators of different coordinations, or one and the operator, ` +
          'can reinstate it. Ask a coordinator.',
        url: verifiedCoordinations,
      }
    case 'dissolved':
      return {
        code: 'join_another_organisation',
        detail: `${name} was dissolved, so nobody can act for it. Ask another organisation for a mandate, or register one.`,
        url: '/v1/organisations',
      }
    case 'merged':
      return {
        code: 'turn_to_successor',
        detail: `${name} was merged into another organisation. Ask the secretary of its successor for a mandate there.`,
        url: `/v1/organisations/${mergedIntoId}`,
      }
    default:
      return undefined
  }
}

const mandateUrl = ({ mandateId }: MandateWithOrganisation): string => `/v1/mandates/${mandateId}`

const startsLater = (held: MandateWithOrganisation): NextStep => ({
  code: 'wait_for_mandate',
  detail: `Your mandate (${held.office}) in ${held.name} starts on ${held.startsOn}, at midnight UTC. Until then you cannot use it.`,
  url: mandateUrl(held),
})

const claimPending = (held: MandateWithOrganisation): NextStep => ({
  code: 'wait_for_confirmation',
  detail: `You claimed a mandate (${held.office}) in ${held.name}. Ask its secretary to confirm it.`,
  url: mandateUrl(held),
})

/** Does not name the organisation: a person who left it does not learn what became of it. */
const mandateEnded = (held: MandateWithOrganisation): NextStep => ({
  code: 'ask_for_mandate',
  detail: `Your mandate (${held.office}) ${howItEnded(held)}. Ask the secretary of your organisation for a new one.`,
  url: mandateUrl(held),
})

function howItEnded({ mandateStatus, endsOn }: MandateWithOrganisation): string {
  if (mandateStatus === 'recalled') return 'was recalled'
  if (mandateStatus === 'refused') return 'was refused'
  return `expired after ${endsOn}, at midnight UTC`
}

const noMandate = (delegateId: string): NextStep => ({
  code: 'ask_for_mandate',
  detail:
    'You hold no mandate, so you cannot act for any organisation. Ask the secretary of the organisation that added you for a mandate.',
  url: `/v1/delegates/${delegateId}`,
})

const answerOffer = (pactId: string): NextStep => ({
  code: 'answer_offer',
  detail:
    'Read the offer at this address, and answer it with POST /v1/answers. Accepting, declining and a counter-proposal use up your link; a comment does not.',
  url: `/v1/pacts/${pactId}`,
})
