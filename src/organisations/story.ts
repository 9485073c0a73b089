/** Who and what stands in the examples of this feature. */
import { storyId, storyReference } from '../platform/wire/story.ts'

export const storyIds = {
  committee: storyId('01'),
  mandate: storyId('02'),
  icog: storyId('04'),
  affiliation: storyId('05'),
  contactChannels: storyId('15'),
  delegate: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  invitation: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad016',
  seal: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f32',
} as const

export const storyReferences = {
  icog: storyReference('organisations', storyIds.icog, 'ICOG'),
  committee: storyReference(
    'organisations',
    storyIds.committee,
    'Strike committee of the Minsk Tractor Works',
  ),
  delegate: storyReference('delegates', storyIds.delegate, 'Vesna'),
}
