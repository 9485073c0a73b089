import { z } from 'zod'
import { country } from '../../platform/wire/codes.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { anyOf, idInput } from '../../platform/wire/common-schemas.ts'
import { organisationKinds } from '../lifecycle.ts'

export const queueParameters = z.strictObject({
  vouchingCoordinationId: idInput.optional().meta({
    description: 'Only organisations that asked this coordination to verify them.',
  }),
  kind: anyOf(z.enum(organisationKinds)),
  country: anyOf(country),
  ...pageParameters,
})
export type QueueParameters = z.infer<typeof queueParameters>
