import { z } from 'zod'
import { movesOf, statesOf } from '../../platform/lifecycle.ts'
import { pageParameters } from '../../platform/pages.ts'
import { anyOf, idInput, instantOutput, listOf, Reference, resourceFields } from '../../platform/wire.ts'
import { liveBookingStatuses } from '../bookings/tables.ts'
import { sides } from '../lifecycle.ts'
import { participantLifecycle } from './lifecycle.ts'

export const NominateParticipant = z
  .strictObject({
    delegateId: idInput.meta({ description: 'A delegate with a live mandate in your organisation.' }),
  })
  .meta({ id: 'NominateParticipant', examples: [{ delegateId: '7c9e6679-7425-40de-944b-e07fc1f90ae7' }] })
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
    booking: z
      .object({
        status: z.enum(liveBookingStatuses),
        holdUntil: instantOutput.nullable().meta({ description: 'When a hold ends by itself.' }),
      })
      .meta({ id: 'ParticipantBooking' })
      .nullable()
      .meta({ description: 'The time that is kept free for the visit; null while there is none.' }),
  })
  .meta({
    id: 'Participant',
    examples: [
      {
        id: '0b8d5a52-3c1f-4f0e-8a8e-2f6d7c9b1e35',
        version: 2,
        createdAt: '2020-08-22T10:00:00.000Z',
        updatedAt: '2020-08-23T10:00:00.000Z',
        url: '/v1/visit-participants/0b8d5a52-3c1f-4f0e-8a8e-2f6d7c9b1e35',
        status: 'agreed',
        allowedMoves: ['await_visa', 'get_ready', 'withdraw'],
        visitId: '5a0d6b3e-7f5c-4d0e-9a53-0d8f6a1b2c3d',
        side: 'visitor',
        delegate: {
          id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
          name: 'Vesna',
          url: '/v1/delegates/7c9e6679-7425-40de-944b-e07fc1f90ae7',
        },
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
