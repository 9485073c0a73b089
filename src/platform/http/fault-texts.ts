/**
 * Writes the text of a fault of the input: what is wrong, and what to send instead. zod's own texts are for programmers and
 * may change with its version. A schema with its own message takes precedence.
 */
import type { z } from 'zod'
import { lengthFault, permitted } from '../wire/characters.ts'

type RawIssue = z.core.$ZodRawIssue

/** Returns the text for one issue. `noun` says what an unknown key is called there. */
export const faultText =
  (noun: 'field' | 'parameter') =>
  (issue: RawIssue): string => {
    if (issue.code === 'unrecognized_keys') return unknownKeyText(issue.inst, noun)
    return issue.input === undefined ? `is missing; it ${requirementText(issue)}` : requirementText(issue)
  }

function requirementText(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[isWhole(issue.inst) ? 'int' : issue.expected] ?? 'of another type'}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      return boundText(issue, issue.minimum, ['at least', 'or more', 'more than'])
    case 'too_big':
      return boundText(issue, issue.maximum, ['at most', 'or less', 'less than'])
    case 'invalid_format':
      return `must be ${formatNames[issue.format] ?? 'in the format that the contract shows'}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_union':
      return 'must have one of the forms in the contract'
    default:
      return 'must be what the contract at /openapi.json says'
  }
}

/** For input that is not a number, zod expects "a number" even where only a whole one is valid. */
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
  uuid: 'an id of this service, such as 0192f1c0-0000-7000-8000-000000000001',
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

function boundText(
  { origin, inclusive, exact, input }: Bound,
  bound: number | bigint,
  words: string[],
): string {
  const [limit = '', inclusiveWords, exclusiveWords] = words
  const size = exact ? `exactly ${bound}` : `${limit} ${bound}`
  if (origin === 'string') return lengthFault(String(input), size)
  if (origin === 'array' || origin === 'set') return countFault(input, size, bound === 1)
  return inclusive === false ? `must be ${exclusiveWords} ${bound}` : `must be ${bound} ${inclusiveWords}`
}

function countFault(input: unknown, size: string, isOne: boolean): string {
  const count = input instanceof Set ? input.size : (input as unknown[]).length
  const entries = isOne ? 'entry' : 'entries'
  if (count === 0) return `must contain ${size} ${entries}`
  return `contains ${count} ${count === 1 ? 'entry' : 'entries'}; ${size} ${isOne ? 'is' : 'are'} ${permitted(size)}`
}

function unknownKeyText(shape: unknown, noun: 'field' | 'parameter'): string {
  const known = Object.keys((shape as Partial<z.ZodObject> | undefined)?.shape ?? {})
  return known.length > 0
    ? `is an unknown ${noun}; the known ${noun}s are ${known.join(', ')}`
    : `is an unknown ${noun}`
}
