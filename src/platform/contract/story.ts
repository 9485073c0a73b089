/**
 * Who and what stands in the examples of the contract: the story's, and each everywhere under the same id, so that a
 * reader of the documentation can follow one pact through all of it.
 */
const ordered = (ending: string): string => `0192f1c0-0000-7000-8000-0000000000${ending}`

export const storyIds = {
  committee: ordered('01'),
  mandate: ordered('02'),
  worksite: ordered('03'),
  icog: ordered('04'),
  affiliation: ordered('05'),
  transition: ordered('09'),
  pact: ordered('10'),
  proposal: ordered('11'),
  response: ordered('12'),
  signature: ordered('13'),
  report: ordered('14'),
  delegate: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  token: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad001',
  enrolmentLink: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad002',
  offerLink: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad014',
  invitation: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad016',
  visit: '5a0d6b3e-7f5c-4d0e-9a53-0d8f6a1b2c3d',
  window: 'b7c9a1de-32f4-4b52-8a6f-5d3e1c0f9a84',
  identity: '7c9e6679-7425-40de-944b-e07fc1f90a10',
  disclosure: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f31',
  contactChannels: ordered('15'),
  recovery: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f33',
  seal: '3f2b9a74-6c1d-4e8f-9b05-1d7c2e4a6f32',
  itinerary: '5a0d6b3e-7f5c-4d0e-9a53-0d8f6a1b2c15',
  participant: '0b8d5a52-3c1f-4f0e-8a8e-2f6d7c9b1e35',
} as const

const referenceTo = (plural: string, id: string, name: string) => ({ id, name, url: `/v1/${plural}/${id}` })

export const storyReferences = {
  icog: referenceTo('organisations', storyIds.icog, 'ICOG'),
  committee: referenceTo('organisations', storyIds.committee, 'Strike committee of the Minsk Tractor Works'),
  pact: referenceTo('pacts', storyIds.pact, 'Pact with the strikers of Minsk'),
  delegate: referenceTo('delegates', storyIds.delegate, 'Vesna'),
}

export const storyMoment = '2026-11-23T20:00:00.000Z'
/** When what was given at that moment for thirty days is good no longer. */
export const storyMonthLater = '2026-12-23T20:00:00.000Z'

/** What every resource has, of one that was just made. */
export const storyResource = (plural: string, id: string) => ({
  id,
  version: 1,
  createdAt: storyMoment,
  updatedAt: storyMoment,
  url: `/v1/${plural}/${id}`,
})

/** A secret of the right form, which opens nothing. */
export const storySecret = (prefix: 'spt_' | 'spe_' | 'spl_' | 'spi_'): string =>
  `${prefix}${'example'.repeat(6)}E`

/** Of the proposal's text. */
export const storyDigest = '5f2b1c0e9d8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c'
