import { z } from 'zod'
import { Reference } from '../../platform/wire/common-schemas.ts'
import { storyReferences } from '../story.ts'

export const PossibleDuplicates = z
  .object({
    data: z.array(Reference).meta({ description: 'At most five, most similar first.' }),
  })
  .meta({
    id: 'PossibleDuplicates',
    fieldClasses: { default: 'organisation' },
    description:
      'Organisations of the same country with a name, variant or abbreviation that reads or looks like one of this organisation, even when it is written with characters of another script.',
    examples: [{ data: [storyReferences.icog] }],
  })
