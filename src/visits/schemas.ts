import { z } from 'zod'
import { country, language, timeZone } from '../platform/wire/codes.ts'
import { movesOf, statesOf } from '../platform/lifecycle/lifecycle.ts'
import { pageParameters, updatedAfterParameter } from '../platform/wire/cursors.ts'
import {
  anyOf,
  distinct,
  idInput,
  instantInput,
  instantOutput,
  line,
  listOf,
  prose,
  Reference,
  resourceFields,
} from '../platform/wire/common-schemas.ts'
import { localDateTimePattern } from '../platform/wire/zones.ts'
import { sides, visitLifecycle, visitModes } from './lifecycle.ts'
import { windowsMax } from './windows.ts'
import { storyIds } from './story.ts'
import { storyReferences } from '../pacts/story.ts'

const localTime = z
  .string()
  .regex(localDateTimePattern, 'must be a local date and time such as 2020-10-23T09:00')
  .meta({
    description:
      'A local date and time in `timeZone`. An offset is required only in the hour that the clocks show twice, to choose ' +
      'one of the two.',
    examples: ['2020-10-23T09:00', '2020-10-25T02:30+01:00'],
  })

export const WindowOffer = z
  .strictObject({ startsAt: localTime, endsAt: localTime })
  .meta({ id: 'WindowOffer', examples: [{ startsAt: '2020-10-23T09:00', endsAt: '2020-10-27T17:00' }] })

const windows = z
  .array(WindowOffer)
  .min(1)
  .max(windowsMax)
  .meta({ description: 'The other side chooses one of them. They may overlap, but must differ.' })

const VisitNeeds = z
  .strictObject({
    interpreterLanguages: distinct(language, 10).optional(),
    visa: z.boolean().optional().meta({ description: 'Whether the visitors need a letter of invitation.' }),
    lodging: z.boolean().optional(),
    accessibility: prose(500)
      .optional()
      .meta({ description: 'What the building must offer. Do not write names of people into it.' }),
  })
  .meta({ id: 'VisitNeeds', examples: [{ interpreterLanguages: ['ru'], visa: true, lodging: true }] })

const actingFor = idInput.meta({
  description: 'The organisation for which you act: the host or the visitor.',
})
const actingForEither = actingFor
  .optional()
  .meta({ description: 'The side for which you act. Required only if you have mandates on both sides.' })

const { pact, icog: host, committee: visitor, visit: id, window } = storyIds

export const ProposeVisit = z
  .strictObject({
    pactId: idInput,
    hostId: idInput.meta({ description: 'The party that receives the visit.' }),
    visitorId: idInput.meta({ description: 'The party whose delegates travel.' }),
    organisationId: actingFor,
    purpose: prose(1000).meta({
      description: 'The purpose of the visit. Do not write names of people into it.',
    }),
    mode: z.enum(visitModes),
    place: line(200)
      .optional()
      .meta({ description: 'The town. Send the street and the house number in a sealed letter instead.' }),
    country: country.optional().meta({ description: 'Required if both sides meet in a third country.' }),
    timeZone,
    windows,
    needs: VisitNeeds.optional(),
    returnsVisitId: idInput.optional().meta({
      description:
        'The visit in the other direction that this one returns. It must be under the same pact, must have begun, and ' +
        'must not be returned by another visit.',
    }),
  })
  .refine((visit) => visit.hostId !== visit.visitorId, {
    path: ['visitorId'],
    params: { code: 'same_organisation' },
    error: 'must not be the host',
  })
  .refine((visit) => [visit.hostId, visit.visitorId].includes(visit.organisationId), {
    path: ['organisationId'],
    params: { code: 'not_a_side' },
    error: 'must be the host or the visitor',
  })
  .refine((visit) => visit.mode !== 'third_country' || visit.country !== undefined, {
    path: ['country'],
    params: { code: 'required' },
    error: 'must be the country in which both sides meet',
  })
  .meta({
    id: 'ProposeVisit',
    examples: [
      {
        pactId: pact,
        hostId: host,
        visitorId: visitor,
        organisationId: visitor,
        purpose: 'Two delegates speak with the shop stewards about the strike.',
        mode: 'in_person',
        place: 'Stuttgart',
        country: 'DE',
        timeZone: 'Europe/Berlin',
        windows: [{ startsAt: '2020-10-23T09:00', endsAt: '2020-10-27T17:00' }],
        needs: { interpreterLanguages: ['ru'], visa: true, lodging: true },
      },
    ],
  })
export type ProposeVisit = z.infer<typeof ProposeVisit>

export const AcceptVisit = z
  .strictObject({
    windowId: idInput.meta({ description: 'The window that you choose from `windows` of the visit.' }),
  })
  .meta({ id: 'AcceptVisit', examples: [{ windowId: window }] })

export const RescheduleVisit = z
  .strictObject({
    windows,
    timeZone: timeZone.optional().meta({
      description:
        'The new time zone of the windows: the IANA name of a place, or UTC. Leave it out to keep the zone.',
    }),
    reason: prose(500),
    organisationId: actingForEither,
  })
  .meta({
    id: 'RescheduleVisit',
    examples: [
      {
        windows: [{ startsAt: '2020-11-06T09:00', endsAt: '2020-11-10T17:00' }],
        reason: 'The visas come a week later.',
      },
    ],
  })
export type RescheduleVisit = z.infer<typeof RescheduleVisit>

export const ConfirmVisit = z
  .strictObject({
    windowId: idInput.meta({
      description: 'The window that you confirm, so that you cannot confirm dates that you have not read.',
    }),
    organisationId: actingForEither,
  })
  .meta({ id: 'ConfirmVisit', examples: [{ windowId: window }] })
export type ConfirmVisit = z.infer<typeof ConfirmVisit>

const localOutput = z.string().meta({
  description: 'The same instant as local time in `timeZone`, with its offset.',
  examples: ['2020-10-23T09:00+02:00'],
})

const VisitWindow = z
  .object({
    id: z.uuid(),
    startsAt: instantOutput,
    endsAt: instantOutput,
    startsAtLocal: localOutput,
    endsAtLocal: localOutput,
  })
  .meta({ id: 'VisitWindow' })

const berlin = {
  startsAt: '2020-10-23T07:00:00.000Z',
  endsAt: '2020-10-27T16:00:00.000Z',
  startsAtLocal: '2020-10-23T09:00+02:00',
  endsAtLocal: '2020-10-27T17:00+01:00',
}

const example = {
  id,
  version: 2,
  createdAt: '2020-08-20T10:00:00.000Z',
  updatedAt: '2020-08-21T10:00:00.000Z',
  url: `/v1/visits/${id}`,
  status: 'accepted',
  allowedMoves: ['confirm', 'reschedule', 'cancel'],
  pact: storyReferences.pact,
  host: storyReferences.icog,
  visitor: storyReferences.committee,
  offeredBy: 'visitor',
  purpose: 'Two delegates speak with the shop stewards about the strike.',
  mode: 'in_person',
  place: 'Stuttgart',
  country: 'DE',
  timeZone: 'Europe/Berlin',
  windows: [{ id: window, ...berlin }],
  windowId: window,
  ...berlin,
  confirmedBy: [],
  reportedBy: [],
  needs: { interpreterLanguages: ['ru'], visa: true, lodging: true, accessibility: null },
  returns: null,
}

export const Visit = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(visitLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(visitLifecycle))).meta({
      description:
        'The moves that this caller may make in this status: with POST …/transitions, or for `accept`, `reschedule`, ' +
        '`confirm` and `report` with their own operations. The time may still forbid a move: a visit cannot start before ' +
        'its `startsAt`. Only the service makes `retime`, when the rules of `timeZone` change: local times stay, and their ' +
        'instants are computed again.',
    }),
    pact: Reference,
    host: Reference,
    visitor: Reference,
    offeredBy: z
      .enum(sides)
      .meta({ description: 'The side that offered the current windows. The other side chooses.' }),
    purpose: z.string(),
    mode: z.enum(visitModes),
    place: z.string().nullable(),
    country: z.string().nullable(),
    timeZone: z.string(),
    windows: z.array(VisitWindow),
    windowId: z.uuid().nullable().meta({ description: 'The chosen window. Null while none is chosen.' }),
    startsAt: instantOutput.nullable(),
    endsAt: instantOutput.nullable(),
    startsAtLocal: localOutput.nullable(),
    endsAtLocal: localOutput.nullable(),
    confirmedBy: z.array(z.enum(sides)),
    reportedBy: z.array(z.enum(sides)),
    needs: z
      .object({
        interpreterLanguages: z.array(z.string()),
        visa: z.boolean(),
        lodging: z.boolean(),
        accessibility: z.string().nullable(),
      })
      .meta({ id: 'KnownVisitNeeds' }),
    returns: z.object({ id: z.uuid(), url: z.string() }).meta({ id: 'ReturnedVisit' }).nullable(),
  })
  .meta({
    id: 'Visit',
    fieldClasses: { default: 'parties' },
    examples: [example],
  })

export const AcceptedVisit = Visit.extend({
  expectedElsewhere: z
    .object({
      ofYours: z
        .array(Reference)
        .meta({ description: 'Participants of your side, with their display names.' }),
      ofTheOthers: z.int().meta({ description: 'The number of such participants of the other side.' }),
    })
    .meta({
      id: 'ExpectedElsewhere',
      description:
        'Participants who could not be booked, because they are already booked at that time. They are not ready, and the ' +
        'visit can be confirmed only after they are free or have withdrawn.',
    }),
}).meta({
  id: 'AcceptedVisit',
  fieldClasses: { default: 'parties' },
  examples: [{ ...example, expectedElsewhere: { ofYours: [], ofTheOthers: 1 } }],
})

export const VisitList = listOf('VisitList', Visit)

export const listParameters = z.strictObject({
  organisationId: idInput
    .optional()
    .meta({ description: 'Only visits with this one of your organisations, as host or visitor.' }),
  hostId: idInput.optional(),
  pactId: idInput.optional(),
  status: anyOf(z.enum(statesOf(visitLifecycle))),
  from: instantInput.optional().meta({
    description:
      'Only visits that end after this instant. While no window is chosen, a visit lasts from the start of its first ' +
      'window to the end of its last.',
  }),
  to: instantInput.optional().meta({ description: 'Only visits that start before this instant.' }),
  updatedAfter: updatedAfterParameter,
  ...pageParameters,
})
export type ListParameters = z.infer<typeof listParameters>
