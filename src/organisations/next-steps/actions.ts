/** The next step of an organisation that nobody has verified yet. */
import type { NextStep } from './schemas.ts'

export const verifiedCoordinations = '/v1/organisations?kind=coordination&status=verified'

type UnverifiedOrganisation = {
  name: string
  kind: string
  vouchBy: string | null
  /** The coordination that it asked, or that invited or created it. */
  coordinationId: string | null
}

export function stepToVerification({
  name,
  kind,
  vouchBy,
  coordinationId,
}: UnverifiedOrganisation): NextStep {
  const until = vouchBy === null ? '' : ` before ${minuteInUtc(vouchBy)}`
  return {
    code: 'ask_for_verification',
    detail: `Nobody has verified ${name} yet. ${verifierAdvice(kind, coordinationId)}${until}. Otherwise the registration expires.`,
    url: coordinationId === null ? verifiedCoordinations : `/v1/organisations/${coordinationId}`,
  }
}

function verifierAdvice(kind: string, coordinationId: string | null): string {
  if (kind === 'coordination')
    return 'Ask the operator, or coordinators of two verified coordinations, to verify it'
  return coordinationId === null
    ? 'Ask a coordinator of a verified coordination to verify it'
    : 'Ask a coordinator of the coordination at this address to verify it'
}

/** `2026-12-01 10:00 UTC`, for people. */
export const minuteInUtc = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`
