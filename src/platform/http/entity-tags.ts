/** Parses the lists of entity tags in `If-Match` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1). */

/** The tags as they stand between their quotes; weak ones are not told from strong ones. */
export type EntityTags = '*' | readonly string[]

/**
 * One element of a list, which may be empty, and what ends it. Blanks can be matched in one way only: in two, a header of
 * 15 KB of them held the event loop for 600 ms.
 */
const element = /[\t ]*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*)?(,|$)/y

/** Returns undefined if the header is neither `*` nor a list of entity tags. Node joins several lines with commas. */
export function entityTagsIn(header: string): EntityTags | undefined {
  if (header.trim() === '*') return '*'
  const tags: string[] = []
  element.lastIndex = 0
  for (;;) {
    const found = element.exec(header)
    if (!found) return undefined
    if (found[1] !== undefined) tags.push(found[1])
    if (found[2] === '') return tags.length > 0 ? tags : undefined
  }
}

/** Whether `If-None-Match` names this ETag. The comparison is weak (section 13.1.2). */
export function namesTag(header: string | undefined, etag: string): boolean {
  const tags = header === undefined ? undefined : entityTagsIn(header)
  return tags === '*' || (tags?.some((tag) => `"${tag}"` === etag) ?? false)
}
