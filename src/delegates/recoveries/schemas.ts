import { z } from 'zod'
import {
  storyIds,
  storyMoment,
  storyReferences,
  storyResource,
  storySecret,
} from '../../platform/contract/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { idInput, instantOutput, line, listOf, resourceFields } from '../../platform/wire/common-schemas.ts'

const reason = 'The phone was taken at the border; she called from the office.'

export const RequestRecovery = z
  .strictObject({
    organisationId: idInput,
    secretary: line(120).meta({
      description:
        'The display name, to the letter, of who administers the organisation. You have spoken with them; nobody is listed to you.',
    }),
    reason: line(500).meta({
      description: 'How you know that it is they. Shown to the organisation; name nobody in it.',
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
      'Requested for 72 hours; once a coordinator of another coordination granted it, the link is good for 72. It may be ended before.',
  }),
  organisationId: z.uuid(),
  reason: z.string(),
  grantedAt: instantOutput.nullable(),
  expiresAt: instantOutput,
  endedAt: instantOutput.nullable().meta({ description: 'When it was ended before its time.' }),
  enrolmentLinkId: z.uuid().nullable().meta({
    description: 'Whoever administers the organisation may revoke it: `DELETE /v1/enrolment-links/{id}`.',
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
        'Shown in this answer and never again. Give it to the person themselves, who sends it to POST /v1/enrolments.',
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
