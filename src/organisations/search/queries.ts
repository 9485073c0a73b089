/** Searches by words: all of them, in any order, and by parts of words. */
import { and, arrayContains, like, sql, type SQL } from 'drizzle-orm'
import type { Db } from '../../platform/database/database.ts'
import { organisations } from '../tables.ts'

/** Names and search words are compared in the form that search_form() of the migrations returns. */
export async function searchFormOf(db: Db, q: string): Promise<string> {
  const { rows } = await db.execute<{ form: string }>(sql`select search_form(${q}, '{}', null) as form`)
  return rows[0]?.form ?? ''
}

/** More words do not narrow the result, and each costs an index lookup. */
const wordsMax = 12

export const wordsOf = (form: string): string[] =>
  [...new Set(form.split(' '))].filter((word) => word !== '').slice(0, wordsMax)

/**
 * Matches short words only at the beginning of words: the trigram index does not help for fewer than three characters.
 */
export function containsWord(word: string): SQL | undefined {
  const escaped = word.replace(/[\\%_]/g, '\\$&')
  const pairs = pairsOf(word)
  if (pairs.length > 0)
    return and(
      arrayContains(organisations.searchPairs, pairs),
      like(organisations.searchText, `%${escaped}%`),
    )
  return like(organisations.searchText, [...word].length < 3 ? `% ${escaped}%` : `%${escaped}%`)
}

/** Allows typing errors in words of four characters or more, not in shorter words or numbers. */
export const resemblesWord = (word: string): SQL | undefined =>
  [...word].length < 4 || /\d/.test(word) || pairsOf(word).length > 0
    ? undefined
    : sql`${word}::text <% ${organisations.searchText}`

// The same as is_unspaced() in the migrations.
const unspacedCharacter =
  /^[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3041-\u30FA\u30FC-\u30FF\u3400-\u9FFF\uAC00-\uD7A3\uF900-\uFAFF\u{20000}-\u{3FFFF}]/u

/** The same pairs as search_pairs() in the migrations. */
function pairsOf(word: string): string[] {
  const characters = [...word]
  return characters.flatMap((character, at) => {
    const follower = characters[at + 1]
    if (!unspacedCharacter.test(character)) return []
    return follower !== undefined && unspacedCharacter.test(follower) ? [character + follower] : [character]
  })
}
