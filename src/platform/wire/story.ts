/**
 * What the examples of the contract are made of. They tell one story, in which each thing has the same id everywhere; who and
 * what is in it, the features say in their `story.ts`.
 */

/** An id ordered by time; `ending` is two hexadecimal digits. */
export const storyId = (ending: string): string => `0192f1c0-0000-7000-8000-0000000000${ending}`

export const storyReference = (plural: string, id: string, name: string) => ({
  id,
  name,
  url: `/v1/${plural}/${id}`,
})

export const storyMoment = '2026-11-23T20:00:00.000Z'
/** When what was given at that moment for thirty days expires. */
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

/** Of a text. */
export const storyDigest = '5f2b1c0e9d8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c'
