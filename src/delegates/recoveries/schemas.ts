import { z } from 'zod'
import { storyMoment, storyResource, storySecret } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { idInput, instantOutput, line, listOf, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'
import { storyReferences } from '../../organisations/story.ts'

const reason = 'The phone was taken at the border; she called from the office.'

export const RequestRecovery = z
  .strictObject({
    organisationId: idInput,
    secretary: line(120).meta({
      description:
        'The exact display name of an administrator of the organisation. Ask that person for it: the service lists no names to you.',
    }),
    reason: line(500).meta({
      description:
        'How you know that the request comes from that person. Shown to the organisation; do not write names into it.',
    }),
  })
  .meta({
    id: 'RequestRecovery',
    examples: [{ organisationId: storyIds.committee, secretary: storyReferences.delegate.name, reason }],
  })
export type RequestRecovery = z.infer<typeof RequestRecovery>

const shape = {
  ...resourceFields,
  url: z.string(),
  status: z.enum(['requested', 'lapsed', 'granted', 'ended']).meta({
    description:
      '`requested`: a coordinator of another coordination can grant it within 72 hours. `granted`: the enrolment link is valid for 72 hours. `lapsed`: nobody granted it in time. `ended`: it was cancelled, or the 72 hours of the link are over.',
  }),
  organisationId: z.uuid(),
  reason: z.string(),
  grantedAt: instantOutput.nullable(),
  expiresAt: instantOutput,
  endedAt: instantOutput.nullable().meta({ description: 'When it was cancelled before it expired.' }),
  enrolmentLinkId: z.uuid().nullable().meta({
    description:
      'The enrolment link. An administrator of the organisation can revoke it with `DELETE /v1/enrolment-links/{id}`.',
  }),
}

const example = {
  ...storyResource('recoveries', storyIds.recovery),
  status: 'requested' as const,
  organisationId: storyIds.committee,
  reason,
  grantedAt: null,
  expiresAt: storyMoment,
  endedAt: null,
  enrolmentLinkId: null,
}

export const Recovery = z
  .object(shape)
  .meta({ id: 'Recovery', fieldClasses: { default: 'organisation' }, examples: [example] })
export const RecoveryList = listOf('RecoveryList', Recovery)

export const RecoveryGranted = z
  .object({
    ...shape,
    secret: z.string().meta({
      description:
        'Shown only in this response. Give it directly to the person, who sends it to POST /v1/enrolments.',
    }),
  })
  .meta({
    id: 'RecoveryGranted',
    fieldClasses: { default: 'organisation' },
    examples: [
      {
        ...example,
        version: 2,
        status: 'granted',
        grantedAt: storyMoment,
        enrolmentLinkId: storyIds.enrolmentLink,
        secret: storySecret('spe_'),
      },
    ],
  })

export const recoveryListParameters = z.strictObject({
  organisationId: idInput.optional(),
  ...pageParameters,
})
export type RecoveryListParameters = z.infer<typeof recoveryListParameters>
