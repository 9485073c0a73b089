import { z } from 'zod'
import { movesOf, statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  anyOf,
  idInput,
  instantOutput,
  listOf,
  Reference,
  resourceFields,
} from '../../platform/wire/common-schemas.ts'
import { liveBookingStatuses } from '../bookings/tables.ts'
import { sides } from '../lifecycle.ts'
import { participantLifecycle } from './lifecycle.ts'
import { storyIds } from '../story.ts'
import { storyReferences } from '../../pacts/story.ts'

export const NominateParticipant = z
  .strictObject({
    delegateId: idInput.meta({ description: 'A delegate with a current mandate in your organisation.' }),
  })
  .meta({ id: 'NominateParticipant', examples: [{ delegateId: storyIds.delegate }] })
export type NominateParticipant = z.infer<typeof NominateParticipant>

export const Participant = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(participantLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(participantLifecycle))),
    visitId: z.uuid(),
    side: z.enum(sides).meta({ description: 'The side that nominated this delegate.' }),
    delegate: Reference.nullable().meta({
      description: 'Null for the other side until the person has agreed.',
    }),
    consentedAt: instantOutput.nullable().meta({
      description:
        'When this person consented to disclose their identity to participants of the other side who consented too.',
    }),
    booking: z
      .object({
        status: z.enum(liveBookingStatuses),
        holdUntil: instantOutput.nullable().meta({ description: 'When a `held` booking expires.' }),
      })
      .meta({ id: 'ParticipantBooking' })
      .nullable()
      .meta({
        description:
          'The time that is booked for the visit. Null if there is no booking, and always for the other side.',
      }),
  })
  .meta({
    id: 'Participant',
    fieldClasses: { default: 'parties' },
    examples: [
      {
        id: storyIds.participant,
        version: 2,
        createdAt: '2020-08-22T10:00:00.000Z',
        updatedAt: '2020-08-23T10:00:00.000Z',
        url: `/v1/visit-participants/${storyIds.participant}`,
        status: 'agreed',
        allowedMoves: ['await_visa', 'get_ready', 'withdraw'],
        visitId: storyIds.visit,
        side: 'visitor',
        delegate: storyReferences.delegate,
        consentedAt: null,
        booking: { status: 'held', holdUntil: '2020-08-30T10:00:00.000Z' },
      },
    ],
  })

export const ParticipantList = listOf('ParticipantList', Participant)

export const participantListParameters = z.strictObject({
  status: anyOf(z.enum(statesOf(participantLifecycle))),
  ...pageParameters,
})
export type ParticipantListParameters = z.infer<typeof participantListParameters>
