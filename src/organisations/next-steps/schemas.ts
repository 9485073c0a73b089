import { z } from 'zod'
import { storyIds } from '../story.ts'

export const nextStepCodes = [
  'ask_for_verification',
  'resubmit',
  'ask_for_reinstatement',
  'lift_seal',
  'wait_for_mandate',
  'ask_for_mandate',
  'wait_for_confirmation',
  'turn_to_successor',
  'join_another_organisation',
  'answer_offer',
] as const

export const NextStep = z
  .object({
    code: z.enum(nextStepCodes),
    detail: z.string().meta({ description: 'What to do, in plain words that can be shown to a person.' }),
    url: z.string().meta({ description: 'The resource to use, or the organisation to ask.' }),
  })
  .meta({
    id: 'NextStep',
    description: 'The next step for a caller who cannot continue alone.',
    examples: [
      {
        code: 'ask_for_verification',
        detail:
          'Nobody has verified the organisation yet. Ask a coordinator of this coordination to verify it.',
        url: `/v1/organisations/${storyIds.icog}`,
      },
    ],
  })
export type NextStep = z.infer<typeof NextStep>
