import { z } from 'zod'
import { language } from '../../platform/wire/codes.ts'
import { idInput, instantOutput, prose } from '../../platform/wire/common-schemas.ts'
import { sides } from '../lifecycle.ts'
import { storyIds } from '../story.ts'

const personDaysMax = 100_000

export const ReportVisit = z
  .strictObject({
    text: prose(8000).meta({
      description:
        'The results of the visit. The other side can read it. Do not write names of people into it.',
    }),
    language,
    personDays: z
      .int()
      .min(0)
      .max(personDaysMax)
      .optional()
      .meta({ description: 'Days multiplied by people: two guests for five days are 10.' }),
    organisationId: idInput
      .optional()
      .meta({ description: 'The side for which you act. Required only if you have mandates on both sides.' }),
  })
  .meta({
    id: 'ReportVisit',
    examples: [{ text: 'We spoke with 40 shop stewards of two factories.', language: 'en', personDays: 10 }],
  })
export type ReportVisit = z.infer<typeof ReportVisit>

export const VisitReport = z
  .object({
    id: z.uuid(),
    visitId: z.uuid(),
    side: z.enum(sides),
    createdAt: instantOutput,
    text: z.string(),
    language: z.string(),
    personDays: z.int().nullable(),
  })
  .meta({
    id: 'VisitReport',
    fieldClasses: { default: 'parties' },
    examples: [
      {
        id: storyIds.report,
        visitId: storyIds.visit,
        side: 'visitor',
        createdAt: '2020-10-28T10:00:00.000Z',
        text: 'We spoke with 40 shop stewards of two factories.',
        language: 'en',
        personDays: 10,
      },
    ],
  })

export const VisitReportList = z
  .object({ data: z.array(VisitReport), nextCursor: z.null() })
  .meta({ id: 'VisitReportList', description: 'At most two reports, one per side.' })
