import { z } from 'zod'
import { country, isicClass } from '../../platform/wire/codes.ts'
import { storyId, storyResource } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { id, line, listOf, Reference, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

const described = {
  employer: line(200).meta({ description: 'The employer who runs it, by the name that the workers use.' }),
  place: line(200).meta({ description: 'The town and, if useful, the district.' }),
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
    description: 'A merge patch (RFC 7396). Omitted fields stay unchanged.',
    examples: [{ place: 'Minsk, Partyzanski district' }],
  })
export type ChangeWorksite = z.infer<typeof ChangeWorksite>

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
    fieldClasses: { default: 'public' },
    examples: [
      {
        ...storyResource(`organisations/${storyIds.committee}/worksites`, storyId('03')),
        organisation: storyReferences.committee,
        ...tractorWorks,
      },
    ],
  })

export const WorksiteList = listOf('WorksiteList', Worksite)

export const worksiteParams = z.strictObject({ id, worksiteId: id })
export const worksiteListParameters = z.strictObject(pageParameters)
export type WorksiteListParameters = z.infer<typeof worksiteListParameters>
