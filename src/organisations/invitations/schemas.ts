import { z } from 'zod'
import { storyMoment, storyMonthLater, storySecret } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { idInput, instantOutput, listOf, Reference } from '../../platform/wire/common-schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

export const invitationStatuses = ['live', 'used_up', 'revoked', 'expired'] as const
export type InvitationStatus = (typeof invitationStatuses)[number]

/** Enough for the unions of one meeting; it also limits the damage of a leaked secret. */
const usesMaximum = 100
const daysMaximum = 90

export const CreateInvitation = z
  .strictObject({
    organisationId: idInput.meta({ description: 'The coordination in which you hold the power `vouch`.' }),
    usesMax: z.int().min(1).max(usesMaximum).optional().meta({
      description: 'How many organisations can register with it, from 1 to 100. Default: 1.',
    }),
    days: z.int().min(1).max(daysMaximum).optional().meta({
      description: 'The number of days until it expires, from 1 to 90. Default: 30.',
    }),
  })
  .meta({ id: 'CreateInvitation', examples: [{ organisationId: storyIds.icog, usesMax: 5, days: 30 }] })
export type CreateInvitation = z.infer<typeof CreateInvitation>

const invitationFields = {
  id: z.uuid(),
  url: z.string(),
  organisation: Reference.meta({ description: 'The coordination that invites.' }),
  status: z.enum(invitationStatuses),
  usesMax: z.int(),
  uses: z.int().meta({ description: 'How many organisations have registered with it.' }),
  createdAt: instantOutput,
  expiresAt: instantOutput,
  revokedAt: instantOutput.nullable(),
}

const example = {
  id: storyIds.invitation,
  url: `/v1/invitations/${storyIds.invitation}`,
  organisation: storyReferences.icog,
  status: 'live',
  usesMax: 5,
  uses: 0,
  createdAt: storyMoment,
  expiresAt: storyMonthLater,
  revokedAt: null,
}

export const Invitation = z
  .object(invitationFields)
  .meta({ id: 'Invitation', fieldClasses: { default: 'organisation' }, examples: [example] })

const exampleSecret = storySecret('spi_')

export const InvitationCreated = z
  .object({
    ...invitationFields,
    secret: z.string().meta({
      description:
        'Shown only in this response. An organisation sends it as `invitation` when it registers. Hand it over through a channel that you trust.',
    }),
    invitationUrl: z.string().meta({
      description:
        'A link to send. It opens a page that explains how to register. The secret is in its fragment, which a browser does not send to a server as part of the address.',
    }),
  })
  .meta({
    id: 'InvitationCreated',
    fieldClasses: { default: 'organisation' },
    examples: [
      {
        ...example,
        secret: exampleSecret,
        invitationUrl: `https://pact.example/invitation#${exampleSecret}`,
      },
    ],
  })

export const InvitationList = listOf('InvitationList', Invitation)

export const invitationListParameters = z.strictObject({
  organisationId: idInput.optional().meta({ description: 'Only those of this coordination.' }),
  ...pageParameters,
})
export type InvitationListParameters = z.infer<typeof invitationListParameters>
