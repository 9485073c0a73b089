/** Schemas of telephone numbers and e-mail addresses. Lenient: only a message shows whether an address works. */
import { z } from 'zod'
import { faultInLine, nameOf } from './characters.ts'
import { westernDigits } from './digits.ts'
import { line, lengthBetween } from './common-schemas.ts'

const phonePattern = /^\+?(?:[ ()./-]*[0-9]){5,17}[ ()./-]*$/
const emailPattern = /^[^\s@<>",;]+@[^\s@<>",;.]+(?:\.[^\s@<>",;.]+)+$/u
// Address books put these around a number, so that it is shown from left to right in Arabic or Hebrew text.
const directionMarks = /[\u200E\u200F\u061C\u202A-\u202C\u2066-\u2069]/g
const phoneCharsMax = 40

export const phone = z
  .string()
  .check(lengthBetween(1, phoneCharsMax))
  .meta({ minLength: 1, maxLength: phoneCharsMax })
  .refine(isPhone, { params: { code: 'invalid_format' }, error: (issue) => phoneFault(String(issue.input)) })
  .meta({
    description:
      'A telephone number. Include the country code if people in other countries call it. Hyphens, blanks and digits of any script are accepted; the number is stored as sent.',
  })

export const email = line(254).regex(emailPattern, 'must be an e-mail address, such as vesna@example.org')

export function isPhone(text: string): boolean {
  return phonePattern.test(plain(text))
}
export const isEmail = (text: string): boolean => emailPattern.test(text)

/**
 * Formats a number as E.123 of the ITU does: groups separated by blanks, `+375 29 123 45 67`. A number without a country
 * code keeps its brackets, with which E.123 marks the area code.
 */
export function inE123(text: string): string {
  const grouped = plain(text).replace(/[./-]/g, ' ').replace(/\s+/g, ' ').trim()
  if (!grouped.startsWith('+')) return grouped
  // +44 (0)20: the zero is dialled only within the country.
  return grouped.replace('(0)', ' ').replace(/[()]/g, ' ').replace(/\s+/g, ' ').replace('+ ', '+').trim()
}

/** Names the first character that does not belong in a telephone number, if there is one. */
function phoneFault(text: string): string {
  const stranger = [...text.replace(directionMarks, '')].find((character) =>
    /[^0-9+ ()./-]/.test(plain(character)),
  )
  const form = 'must be a telephone number of 5 to 17 digits, such as +375 29 123 45 67'
  return stranger === undefined ? form : `${form}; it contains ${nameOf(stranger)}`
}

/** Replaces wide characters, no-break blanks, hyphens and digits of all scripts by those of ASCII. */
const plain = (text: string): string =>
  westernDigits(text.replace(directionMarks, '').normalize('NFKC'))
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/\p{Zs}/gu, ' ')

export const contactKinds = ['phone', 'email', 'messenger', 'post'] as const

type Contact = { kind: (typeof contactKinds)[number]; address: string }

/** Checks the form of telephone numbers and e-mail addresses. The other kinds have no common form. */
export const contactFault = ({ kind, address }: Contact): string | undefined => {
  if (kind === 'phone') return isPhone(address) ? undefined : phoneFault(address)
  if (kind === 'email' && !isEmail(address)) return 'must be an e-mail address, such as vesna@example.org'
  return faultInLine(address)
}

export const contactKind = z.enum(contactKinds)
