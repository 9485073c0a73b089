/**
 * What a fault of the input says to the person who sent it. zod's own words speak to programmers, and may change with
 * its version; these say what to send instead. A schema that knows better says so itself, and that comes first.
 */
import type { z } from 'zod'

type RawIssue = z.core.$ZodRawIssue

/** The text for one issue; what may not be sent is called by what it is called where it stands. */
export const textOf =
  (called: 'field' | 'parameter') =>
  (issue: RawIssue): string => {
    if (issue.code === 'unrecognized_keys') return unknownText(issue.inst, called)
    return issue.input === undefined ? `is missing; it ${demandOf(issue)}` : demandOf(issue)
  }

function demandOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[isWhole(issue.inst) ? 'int' : issue.expected] ?? 'of another type'}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      return bounded(issue, issue.minimum, ['at least', 'or more', 'more than'])
    case 'too_big':
      return bounded(issue, issue.maximum, ['at most', 'or less', 'less than'])
    case 'invalid_format':
      return `must be ${formatNames[issue.format] ?? 'of the form that the contract shows'}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_union':
      return 'must have one of the forms that the contract lists'
    default:
      return 'must be as the contract at /openapi.json says'
  }
}

/** Of what is no number at all, zod says that a number was expected, where only a whole one will do. */
const isWhole = (schema: unknown): boolean =>
  (schema as { def?: { format?: string } } | undefined)?.def?.format === 'safeint'

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const formatNames: Readonly<Record<string, string>> = {
  uuid: 'an id as the service gave it, such as 0192f1c0-0000-7000-8000-000000000001',
  url: 'an address such as https://union.example',
  email: 'an e-mail address such as office@union.example',
  date: 'a date such as 2026-11-23',
  datetime: 'an instant such as 2026-11-23T20:00:00Z',
}

type Bound = {
  origin: string
  inclusive?: boolean | undefined
  exact?: boolean | undefined
  input?: unknown
}

function bounded(
  { origin, inclusive, exact, input }: Bound,
  bound: number | bigint,
  words: string[],
): string {
  const [within = '', orBeyond, beyond] = words
  const size = exact ? `exactly ${bound}` : `${within} ${bound}`
  if (origin === 'string') return lengthFault(String(input), size)
  if (origin === 'array' || origin === 'set') return countFault(input, size, bound === 1)
  return inclusive === false ? `must be ${beyond} ${bound}` : `must be ${bound} ${orBeyond}`
}

/** `size`: what is allowed, such as `at most 400`. Says how long the text is, so that nobody has to count. */
export function lengthFault(text: string, size: string): string {
  if (text === '' && size === 'at least 1') return 'must not be empty'
  const length = charactersOf(text)
  return `is ${length} ${length === 1 ? 'character' : 'characters'} long; ${size} are ${permitted(size)}`
}

/** As the contract counts: a letter outside the first plane is one. */
export const charactersOf = (text: string): number => [...text].length

function countFault(input: unknown, size: string, isOne: boolean): string {
  const count = input instanceof Set ? input.size : (input as unknown[]).length
  const entries = isOne ? 'entry' : 'entries'
  if (count === 0) return `must hold ${size} ${entries}`
  return `holds ${count} ${count === 1 ? 'entry' : 'entries'}; ${size} ${isOne ? 'is' : 'are'} ${permitted(size)}`
}

const permitted = (size: string): string => (size.startsWith('at most') ? 'allowed' : 'needed')

function unknownText(shape: unknown, called: 'field' | 'parameter'): string {
  const known = Object.keys((shape as Partial<z.ZodObject> | undefined)?.shape ?? {})
  return known.length > 0 ? `is not known here; the ${called}s are ${known.join(', ')}` : 'is not known here'
}
