import { z } from 'zod'
import { movesOf, statesOf } from '../../platform/lifecycle.ts'
import { pageParameters } from '../../platform/pages.ts'
import {
  anyOf,
  dateInput,
  dateOutput,
  idInput,
  listOf,
  Reference,
  resourceFields,
} from '../../platform/wire.ts'
import { affiliationLifecycle } from './lifecycle.ts'

const parent = {
  id: '0192f1c0-0000-7000-8000-000000000004',
  name: 'ICOG',
  url: '/v1/organisations/0192f1c0-0000-7000-8000-000000000004',
}

export const RequestAffiliation = z
  .strictObject({
    parentId: idInput.meta({ description: 'The federation or coordination to be joined.' }),
    startsOn: dateInput.optional().meta({ description: 'Today unless told.' }),
    endsOn: dateInput
      .optional()
      .meta({ description: 'The last day on which it holds. Left out: until it is ended.' }),
  })
  .meta({ id: 'RequestAffiliation', examples: [{ parentId: parent.id, startsOn: '2026-12-01' }] })
export type RequestAffiliation = z.infer<typeof RequestAffiliation>

export const Affiliation = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(affiliationLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(affiliationLifecycle))),
    member: Reference,
    parent: Reference,
    startsOn: dateOutput,
    endsOn: dateOutput.nullable(),
  })
  .meta({
    id: 'Affiliation',
    examples: [
      {
        id: '0192f1c0-0000-7000-8000-000000000005',
        version: 1,
        createdAt: '2026-11-23T20:00:00.000Z',
        updatedAt: '2026-11-23T20:00:00.000Z',
        url: '/v1/affiliations/0192f1c0-0000-7000-8000-000000000005',
        status: 'requested',
        allowedMoves: ['end'],
        member: {
          id: '0192f1c0-0000-7000-8000-000000000001',
          name: 'Strike committee of the Minsk Tractor Works',
          url: '/v1/organisations/0192f1c0-0000-7000-8000-000000000001',
        },
        parent,
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
