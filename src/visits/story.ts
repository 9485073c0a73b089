/** Who and what stands in the examples of this feature. */
import { storyIds as ofPacts } from '../pacts/story.ts'
import { storyId } from '../platform/wire/story.ts'

export const storyIds = {
  ...ofPacts,
  report: storyId('14'),
  visit: '5a0d6b3e-7f5c-4d0e-9a53-0d8f6a1b2c3d',
  window: 'b7c9a1de-32f4-4b52-8a6f-5d3e1c0f9a84',
  itinerary: '5a0d6b3e-7f5c-4d0e-9a53-0d8f6a1b2c15',
} as const
