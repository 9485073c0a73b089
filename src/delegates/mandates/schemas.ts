import { z } from 'zod'
import { storyResource } from '../../platform/wire/story.ts'
import { allPowers } from '../../platform/access.ts'
import { movesOf, statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  anyOf,
  dateInput,
  dateOutput,
  distinct,
  idInput,
  listOf,
  prose,
  Reference,
  resourceFields,
} from '../../platform/wire/common-schemas.ts'
import { power } from '../schemas.ts'
import { mandateLifecycle, offices } from './lifecycle.ts'
import { storyIds } from '../story.ts'
import { storyReferences } from '../../organisations/story.ts'

export const GiveMandate = z
  .strictObject({
    delegateId: idInput,
    office: z.enum(offices),
    powers: z
      .lazy(() => distinct(power, allPowers().length))
      .optional()
      .meta({
        description: 'Default: the powers of the office. Only a coordination can give `vouch`.',
      }),
    startsOn: dateInput
      .optional()
      .meta({ description: 'The first day, from midnight UTC. Default: today in UTC.' }),
    endsOn: dateInput.optional().meta({
      description: 'The last day, until midnight UTC at its end. Default: no last day.',
    }),
    evidence: prose(1000)
      .optional()
      .meta({ description: 'Where the decision is recorded. Do not write names into it.' }),
  })
  .meta({
    id: 'GiveMandate',
    examples: [{ delegateId: storyIds.delegate, office: 'coordinator', endsOn: '2027-02-28' }],
  })
export type GiveMandate = z.infer<typeof GiveMandate>

export const Mandate = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(mandateLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(mandateLifecycle))),
    delegate: Reference,
    organisation: Reference,
    office: z.enum(offices),
    powers: z.array(power),
    startsOn: dateOutput.meta({ description: 'The first day, from midnight UTC.' }),
    endsOn: dateOutput.nullable().meta({ description: 'The last day, until midnight UTC at its end.' }),
    evidence: z.string().nullable(),
  })
  .meta({
    id: 'Mandate',
    fieldClasses: { default: 'organisation' },
    examples: [
      {
        ...storyResource('mandates', storyIds.mandate),
        status: 'active',
        allowedMoves: ['recall'],
        delegate: storyReferences.delegate,
        organisation: storyReferences.committee,
        office: 'secretary',
        powers: ['administer', 'negotiate', 'sign', 'visit'],
        startsOn: '2026-11-23',
        endsOn: '2027-02-28',
        evidence: null,
      },
    ],
  })

export const MandateList = listOf('MandateList', Mandate)

export const mandateListParameters = z.strictObject({
  status: anyOf(z.enum(statesOf(mandateLifecycle))),
  ...pageParameters,
})
export type MandateListParameters = z.infer<typeof mandateListParameters>
