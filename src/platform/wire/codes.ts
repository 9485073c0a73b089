import { z } from 'zod'
import { countryCodes, countryHints } from './codes/countries.ts'
import { isicClasses } from './codes/industries.ts'
import { isicHint } from './codes/industry-hints.ts'
import { isZoneName } from './zones.ts'

// Schemas for the codes of countries, regions, languages, industries and time zones. Each refuses with one issue, whose
// `params.code` is the problem code and whose text does not repeat the input. The patterns only document the form; the
// checks decide.

const regionShape = /^[A-Z]{2}-[A-Z0-9]{1,3}$/

// The length that every implementation must support (RFC 5646, section 4.4.1). People do not write longer tags.
const languageTagCharsMax = 35

export const country = z
  .string()
  .refine((code) => countryCodes.has(code), {
    params: { code: 'unknown_country' },
    error: (issue) =>
      countryHints.get(String(issue.input)) ??
      'This is not a country code of ISO 3166-1. Send two capital letters, for example BY.',
  })
  .meta({
    description: 'A country: its ISO 3166-1 alpha-2 code, in capitals. Kosovo is XK.',
    examples: ['BY', 'DE', 'ZA'],
    pattern: '^[A-Z]{2}$',
  })

// Only the country part is looked up. Regions change every year, and our list must not refuse a union from a new one.
export const region = z
  .string()
  .refine((code) => regionShape.test(code) && countryCodes.has(code.slice(0, 2)), {
    params: { code: 'unknown_region' },
    error: (issue) =>
      (/^[A-Z]{2}-/.test(String(issue.input)) && countryHints.get(String(issue.input).slice(0, 2))) ||
      'This is not a region code of ISO 3166-2. Send a country code, a hyphen and one to three capital letters or ' +
        'digits, for example BY-MI.',
  })
  .meta({
    description: 'A region (province, state, voblast): its ISO 3166-2 code, in capitals.',
    examples: ['BY-MI', 'DE-BW', 'ZA-EC'],
    pattern: regionShape.source,
  })

// A language needs one spelling, else en-us and en-US would be two languages. A schema may not rewrite the input, so it
// refuses another spelling and names the canonical one.
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
      'This is not a class of ISIC Rev. 4. Send four digits, for example 2910 for motor vehicles.' +
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
      'This is not a time zone. Send UTC or the IANA name of a place, for example Europe/Minsk, with exact capitals. ' +
      'Offsets such as +01:00, EST or Etc/GMT+3 are not time zones.',
  })
  .meta({
    description:
      'A time zone: the IANA name of a place, or UTC. Unlike an offset, it includes the changes of the clocks.',
    examples: ['Europe/Minsk', 'Africa/Johannesburg', 'UTC'],
    pattern: '^(UTC|[A-Z][a-z]+/[A-Z][A-Za-z0-9_+/-]*)$',
  })

/** Returns the canonical spelling of a language tag, or undefined if the language is unknown. */
function canonicalTag(tag: string): string | undefined {
  if (tag.length > languageTagCharsMax) return undefined
  try {
    const [canonical = ''] = Intl.getCanonicalLocales(tag)
    return isKnown(new Intl.Locale(canonical).language) ? canonical : undefined
  } catch {
    // Intl throws a RangeError for a malformed tag.
    return undefined
  }
}

function languageFault(canonical: string | undefined): string {
  return canonical
    ? `This is not the canonical spelling of this language tag. Send ${canonical}.`
    : 'This is not a BCP 47 tag of a known language. Send for example be, pt-BR or zh-Hant.'
}

// Codes for "multiple languages", "uncoded language" and "no linguistic content".
const notLanguages = new Set(['mul', 'mis', 'zxx'])
let languageNames: Intl.DisplayNames | undefined

function isKnown(language: string): boolean {
  languageNames ??= new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  return !notLanguages.has(language) && languageNames.of(language) !== undefined
}
