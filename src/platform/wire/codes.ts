import { z } from 'zod'
import { countryCodes, countryHints } from './codes/countries.ts'
import { isicClasses } from './codes/industries.ts'
import { isicHint } from './codes/industry-hints.ts'
import { isZoneName } from './zones.ts'

// The codes by which countries, regions, languages, industries and time zones are named. Each schema refuses
// with one issue, whose `params.code` is the problem code and whose sentence does not repeat what was sent.
// The patterns tell readers of the contract the shape; what is known is decided by the checks alone.

const regionShape = /^[A-Z]{2}-[A-Z0-9]{1,3}$/

// The length that RFC 5646 (4.4.1) asks every implementation to hold; longer tags are only made by machines.
const languageTagCharsMax = 35

export const country = z
  .string()
  .refine((code) => countryCodes.has(code), {
    params: { code: 'unknown_country' },
    error: (issue) =>
      countryHints.get(String(issue.input)) ??
      'This is not an ISO 3166-1 country code, which is two capital letters, for example BY.',
  })
  .meta({
    description: 'A country: its ISO 3166-1 alpha-2 code, in capitals. Kosovo is XK.',
    examples: ['BY', 'DE', 'ZA'],
    pattern: '^[A-Z]{2}$',
  })

// Only the country's part is looked up: regions are redrawn every year, and no union shall be refused because
// its province is younger than a list of ours.
export const region = z
  .string()
  .refine((code) => regionShape.test(code) && countryCodes.has(code.slice(0, 2)), {
    params: { code: 'unknown_region' },
    error: (issue) =>
      (/^[A-Z]{2}-/.test(String(issue.input)) && countryHints.get(String(issue.input).slice(0, 2))) ||
      'This is not an ISO 3166-2 region code, which is a country code, a hyphen and one to three capital ' +
        'letters or digits, for example BY-MI.',
  })
  .meta({
    description: 'A region (province, state, voblast): its ISO 3166-2 code, in capitals.',
    examples: ['BY-MI', 'DE-BW', 'ZA-EC'],
    pattern: regionShape.source,
  })

// One language must have one spelling, or texts in en-us and en-US would stand beside each other. A schema
// may not rewrite what was sent, so another spelling is refused and told the right one.
export const language = z
  .string()
  .refine((tag) => canonicalTag(tag) === tag, {
    params: { code: 'unknown_language' },
    error: (issue) => languageFault(canonicalTag(String(issue.input))),
  })
  .meta({
    description: 'A language: its BCP 47 tag in canonical spelling.',
    examples: ['en', 'be', 'pt-BR', 'zh-Hant'],
    pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$',
    maxLength: languageTagCharsMax,
  })

export const isicClass = z
  .string()
  .refine((code) => isicClasses.has(code), {
    params: { code: 'unknown_industry' },
    error: (issue) =>
      'This is not a class of ISIC Rev. 4, which is four digits, for example 2910 for motor vehicles.' +
      isicHint(String(issue.input)),
  })
  .meta({
    description: 'An industry: its four-digit class in ISIC Rev. 4 of the United Nations.',
    examples: ['2910', '2821', '0891'],
    pattern: '^[0-9]{4}$',
  })

export const timeZone = z
  .string()
  .refine(isZoneName, {
    params: { code: 'unknown_time_zone' },
    error:
      'This is not the IANA name of a place’s time zone, for example Europe/Minsk, nor UTC. Capitals matter, and ' +
      'offsets such as +01:00, EST or Etc/GMT+3 are no zones.',
  })
  .meta({
    description:
      'A time zone: the IANA name of a place, or UTC. It knows when the clocks change, which an offset does not.',
    examples: ['Europe/Minsk', 'Africa/Johannesburg', 'UTC'],
    pattern: '^(UTC|[A-Z][a-z]+/[A-Z][A-Za-z0-9_+/-]*)$',
  })

/** The canonical spelling of a language tag, or undefined when it names no known language. */
function canonicalTag(tag: string): string | undefined {
  if (tag.length > languageTagCharsMax) return undefined
  try {
    const [canonical = ''] = Intl.getCanonicalLocales(tag)
    return isKnown(new Intl.Locale(canonical).language) ? canonical : undefined
  } catch {
    // Intl throws a RangeError for a tag that is not well formed or names no language at all.
    return undefined
  }
}

function languageFault(canonical: string | undefined): string {
  return canonical
    ? `The canonical spelling of this language tag is ${canonical}.`
    : 'This is not a BCP 47 tag of a known language, for example be, pt-BR or zh-Hant.'
}

// "Multiple", "uncoded" and "no linguistic content" have codes and names, but nobody reads them.
const notLanguages = new Set(['mul', 'mis', 'zxx'])
const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

function isKnown(language: string): boolean {
  return !notLanguages.has(language) && languageNames.of(language) !== undefined
}
