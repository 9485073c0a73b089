/** Who and what stands in the examples of this feature. */
import { storyIds as ofOrganisations } from '../organisations/story.ts'

export const storyIds = {
  ...ofOrganisations,
  token: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad001',
  enrolmentLink: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad002',
  identity: '7c9e6679-7425-40de-944b-e07fc1f90a10',
  disclosure: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f31',
  recovery: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f33',
  participant: '0b8d5a52-3c1f-4f0e-8a8e-2f6d7c9b1e35',
} as const
