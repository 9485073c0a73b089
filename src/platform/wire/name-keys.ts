/**
 * Keys of names, by which an index finds those that may be similar. A key is a hash of three letters that follow each
 * other in a skeleton, combined with that of the country: what pg_trgm compares, but each country has lists of its own.
 *
 * A name that is similar to another contains at least 0.6 of its letter triples. So it contains at least one of any
 * choice of 0.4 of them and one more. The rarest are looked up.
 */
type Named = { country: string; skeletons: readonly string[] }

/** How often three letters occur in a sample of names of all countries, by their hash. */
export type LetterCounts = ReadonlyMap<number, number>

const othersShareMax = 0.4

/** The keys to store. */
export const keysOf = ({ country, skeletons }: Named): number[] =>
  [...new Set(skeletons.flatMap(lettersIn))].map(keyIn(country))

/** The keys to look up. The counts decide only how much is found that is not similar. */
export const rareKeysOf = ({ country, skeletons }: Named, counts: LetterCounts): number[] =>
  [...new Set(skeletons.flatMap((skeleton) => rarest(lettersIn(skeleton), counts)))].map(keyIn(country))

/** Its own inverse: a key and the country give the hash of the letters again. */
const keyIn = (country: string) => {
  const countryHash = hashOf(country)
  return (letters: number): number => letters ^ countryHash
}

function rarest(letters: readonly number[], counts: LetterCounts): number[] {
  const countOf = (hash: number) => counts.get(hash) ?? 0
  return letters
    .toSorted((one, other) => countOf(one) - countOf(other))
    .slice(0, Math.floor(letters.length * othersShareMax) + 1)
}

/** The hash of each three letters of a word with two blanks before it and one behind it, as pg_trgm takes it. */
function lettersIn(skeleton: string): number[] {
  const hashes = new Set<number>()
  for (const word of skeleton.match(/[\p{L}\p{N}]+/gu) ?? []) {
    const letters = Array.from(`  ${word} `)
    for (let i = 2; i < letters.length; i++)
      hashes.add(hashOf(`${letters[i - 2]}${letters[i - 1]}${letters[i]}`))
  }
  return [...hashes]
}

/** FNV-1a, as PostgreSQL's signed integer. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}
