/** Who and what stands in the examples of this feature. */
import { storyIds as ofDelegates } from '../delegates/story.ts'
import { storyReferences as ofOrganisations } from '../organisations/story.ts'
import { storyId, storyReference } from '../platform/wire/story.ts'

export const storyIds = {
  ...ofDelegates,
  pact: storyId('10'),
  proposal: storyId('11'),
  response: storyId('12'),
  signature: storyId('13'),
  offerLink: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad014',
} as const

export const storyReferences = {
  ...ofOrganisations,
  pact: storyReference('pacts', storyIds.pact, 'Pact with the strikers of Minsk'),
}
