import { z } from 'zod'
import { country, isicClass } from '../../platform/codes.ts'
import { pageParameters } from '../../platform/pages.ts'
import { id, line, listOf, Reference, resourceFields } from '../../platform/wire.ts'

const described = {
  employer: line(200).meta({ description: 'Who runs it, as the workers call it.' }),
  place: line(200).meta({ description: 'Town, and district where that helps.' }),
  country,
  industry: isicClass,
}

const tractorWorks = { employer: 'Minsk Tractor Works', place: 'Minsk', country: 'BY', industry: '2821' }

export const CreateWorksite = z
  .strictObject(described)
  .meta({ id: 'CreateWorksite', examples: [tractorWorks] })
export type CreateWorksite = z.infer<typeof CreateWorksite>

export const ChangeWorksite = z
  .strictObject(described)
  .partial()
  .meta({
    id: 'ChangeWorksite',
    description: 'A merge patch (RFC 7396): what is left out stays.',
    examples: [{ place: 'Minsk, Partyzanski district' }],
  })
export type ChangeWorksite = z.infer<typeof ChangeWorksite>

const organisationId = '0192f1c0-0000-7000-8000-000000000001'
const worksiteId = '0192f1c0-0000-7000-8000-000000000003'

export const Worksite = z
  .object({
    ...resourceFields,
    url: z.string(),
    organisation: Reference,
    employer: z.string(),
    place: z.string(),
    country: z.string(),
    industry: z.string(),
  })
  .meta({
    id: 'Worksite',
    examples: [
      {
        id: worksiteId,
        version: 1,
        createdAt: '2026-11-23T20:00:00.000Z',
        updatedAt: '2026-11-23T20:00:00.000Z',
        url: `/v1/organisations/${organisationId}/worksites/${worksiteId}`,
        organisation: {
          id: organisationId,
          name: 'Strike committee of the Minsk Tractor Works',
          url: `/v1/organisations/${organisationId}`,
        },
        ...tractorWorks,
      },
    ],
  })

export const WorksiteList = listOf('WorksiteList', Worksite)

export const worksiteParams = z.strictObject({ id, worksiteId: id })
export const worksiteListParameters = z.strictObject(pageParameters)
export type WorksiteListParameters = z.infer<typeof worksiteListParameters>
