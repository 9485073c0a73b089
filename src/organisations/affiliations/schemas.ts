import { z } from 'zod'
import { movesOf, statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { storyResource } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  anyOf,
  dateInput,
  dateOutput,
  idInput,
  listOf,
  Reference,
  resourceFields,
} from '../../platform/wire/common-schemas.ts'
import { affiliationLifecycle } from './lifecycle.ts'
import { storyIds, storyReferences } from '../story.ts'

export const RequestAffiliation = z
  .strictObject({
    parentId: idInput.meta({
      description: 'The organisation to join, such as a federation or coordination.',
    }),
    startsOn: dateInput
      .optional()
      .meta({ description: 'The first day, from midnight UTC. Default: today in UTC.' }),
    endsOn: dateInput.optional().meta({
      description: 'The last day, until midnight UTC at its end. Default: no last day.',
    }),
  })
  .meta({ id: 'RequestAffiliation', examples: [{ parentId: storyIds.icog, startsOn: '2026-12-01' }] })
export type RequestAffiliation = z.infer<typeof RequestAffiliation>

export const Affiliation = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(affiliationLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(affiliationLifecycle))),
    member: Reference,
    parent: Reference,
    startsOn: dateOutput.meta({ description: 'The first day, from midnight UTC.' }),
    endsOn: dateOutput.nullable().meta({ description: 'The last day, until midnight UTC at its end.' }),
  })
  .meta({
    id: 'Affiliation',
    fieldClasses: { default: 'public' },
    examples: [
      {
        ...storyResource('affiliations', storyIds.affiliation),
        status: 'requested',
        allowedMoves: ['end'],
        member: storyReferences.committee,
        parent: storyReferences.icog,
        startsOn: '2026-12-01',
        endsOn: null,
      },
    ],
  })

export const AffiliationList = listOf('AffiliationList', Affiliation)

export const affiliationListParameters = z.strictObject({
  status: anyOf(z.enum(statesOf(affiliationLifecycle))),
  ...pageParameters,
})
export type AffiliationListParameters = z.infer<typeof affiliationListParameters>
