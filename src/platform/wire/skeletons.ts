/**
 * Computes skeletons of names (Unicode TS 39), which find names that look alike but have different characters. Uses NFKD and
 * ignores case, accents and invisible characters.
 */
import { readFileSync } from 'node:fs'

/** Raise it whenever the data or the rules below change: stored skeletons of an older version are computed again. */
export const skeletonsVersion = 2

/** Read with the first name. */
let confusables: ReadonlyMap<string, string> | undefined
// The marks that search_form() ignores, and combining marks that no alphabet uses.
const marks =
  /[\u0300-\u036F\u0591-\u05C7\u0610-\u061C\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]/gu
const unseen = /[\p{Default_Ignorable_Code_Point}\u2800]/gu

/**
 * Returns one or two skeletons. Capitals and small letters resemble different characters (the Cyrillic В looks like B, в like
 * none), so one is computed before lower-casing and one after.
 */
export function skeletonsOf(name: string): string[] {
  const seen = name.normalize('NFKD').replace(unseen, '')
  const forms = [plain(lookOf(seen).toLowerCase()), plain(lookOf(seen.toLowerCase()))]
  return [...new Set(forms)].filter((form) => form !== '')
}

function lookOf(text: string): string {
  const known = (confusables ??= readConfusables())
  return Array.from(text, (sign) => known.get(sign) ?? sign).join('')
}

/** A capital I looks like a small l, and lower-cased it is an i, so all three become the same. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(marks, '')
    .replace(/[iı1|]/gu, 'l')
    .replace(/0/g, 'o')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()

function readConfusables(): ReadonlyMap<string, string> {
  const file = readFileSync(new URL('confusables.txt', import.meta.url), 'utf8')
  const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.flatMap((line) => {
      const [prototype = '', others = ''] = line.split(': ')
      return others.split(' ').map((other): [string, string] => [textOf(other), textOf(prototype)])
    }),
  )
}

function textOf(codes: string): string {
  return String.fromCodePoint(...codes.split(' ').map((code) => Number.parseInt(code, 16)))
}
