/**
 * Who and what stands in the examples of the contract: the story's, and each everywhere under the same id, so that a
 * reader of the documentation can follow one pact through all of it.
 */
const ordered = (ending: string): string => `0192f1c0-0000-7000-8000-0000000000${ending}`

export const storyIds = {
  committee: ordered('01'),
  mandate: ordered('02'),
  icog: ordered('04'),
  pact: ordered('10'),
  proposal: ordered('11'),
  response: ordered('12'),
  signature: ordered('13'),
  report: ordered('14'),
  delegate: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  offerLink: '2d1f7f0e-5a0a-4c57-8d0b-1f6f5a5ad014',
} as const

const referenceTo = (plural: string, id: string, name: string) => ({ id, name, url: `/v1/${plural}/${id}` })

export const storyReferences = {
  icog: referenceTo('organisations', storyIds.icog, 'ICOG'),
  committee: referenceTo('organisations', storyIds.committee, 'Strike committee of the Minsk Tractor Works'),
  pact: referenceTo('pacts', storyIds.pact, 'Pact with the strikers of Minsk'),
  delegate: referenceTo('delegates', storyIds.delegate, 'Vesna'),
}

export const storyMoment = '2026-11-23T20:00:00.000Z'
