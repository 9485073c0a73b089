/** Registration of organisations with their first secretary. */
import { asService, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { invalidBecause } from '../../platform/problems.ts'
import {
  insertOrganisation,
  presentOrganisation,
  requireRegionInCountry,
  requireOrganisation,
} from '../actions.ts'
import { useInvitation } from '../invitations/actions.ts'
import { stepToVerification } from '../next-steps/actions.ts'
import { namesOf, similarOrganisations } from '../possible-duplicates/queries.ts'
import type { RegisterOrganisation } from '../schemas.ts'
import { organisationStatuses } from '../status/queries.ts'

/** The first delegate of an organisation, with the secretary's mandate and a token whose secret is shown once. */
export type FirstSecretary = {
  secretary: { id: string; name: string; url: string }
  mandate: { id: string; url: string }
  token: { secret: string; expiresAt: string; scopes: readonly string[] }
}

/** Supplied by the feature delegates, which this one must not import. */
export type AppointFirstSecretary = (
  tx: Tx,
  context: ActionContext,
  organisation: { id: string; kind: string },
  secretary: RegisterOrganisation['secretary'],
) => Promise<FirstSecretary>

/** Registers an organisation as `provisional` and appoints its first secretary. */
export function registerOrganisation(
  context: ActionContext,
  input: RegisterOrganisation,
  appointFirstSecretary: AppointFirstSecretary,
) {
  return transaction(asService(context), async (tx) => {
    await context.chargeRegistration?.()
    requireRegionInCountry(input, '/region')
    const id = timeOrderedId()
    const asked = input.vouchingCoordinationId
    if (asked !== undefined) await requireVerifiedCoordination(tx, asked)
    const invitedById =
      input.invitation === undefined ? undefined : await useInvitation(tx, context, input.invitation, id)
    record(tx, context, {
      type: 'organisation.registered',
      subjectId: id,
      subjectVersion: 1,
      organisationId: id,
    })
    // One batch, carried out in this order.
    const [, appointed, duplicates, row] = await Promise.all([
      insertOrganisation(tx, context, id, input, 'provisional', {
        invitedById,
        vouchingCoordinationId: asked ?? invitedById,
      }),
      appointFirstSecretary(tx, context, { id, kind: input.kind }, input.secretary),
      similarOrganisations(tx, context, { id, country: input.country, names: namesOf(input) }),
      requireOrganisation(tx, id),
    ])
    const { name, kind, vouchBy } = row
    const next = stepToVerification({ name, kind, vouchBy, coordinationId: asked ?? invitedById ?? null })
    return {
      organisation: presentOrganisation(context, row),
      ...appointed,
      next,
      possibleDuplicates: duplicates,
    }
  })
}

/** Throws 422 unless the coordination is verified; a sealed one counts as missing. */
async function requireVerifiedCoordination(tx: Tx, id: string): Promise<void> {
  const [asked] = await organisationStatuses(tx, [id])
  if (asked?.status === 'verified' && asked.kind === 'coordination' && asked.sealedAt === null) return
  const detail =
    'must be a verified coordination; GET /v1/organisations?kind=coordination&status=verified lists them'
  throw invalidBecause({ pointer: '/vouchingCoordinationId', code: 'unknown_coordination', detail })
}
