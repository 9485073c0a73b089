import { z } from 'zod'
import { storyReferences } from '../../platform/contract/story.ts'
import { Reference } from '../../platform/wire/common-schemas.ts'

export const PossibleDuplicates = z
  .object({
    data: z.array(Reference).meta({ description: 'At most five, likest first.' }),
  })
  .meta({
    id: 'PossibleDuplicates',
    fieldClasses: { default: 'organisation' },
    description:
      'Organisations of the same country whose name, variant or abbreviation reads or looks like one of this organisation, also where it is written with characters of another script.',
    examples: [{ data: [storyReferences.icog] }],
  })
