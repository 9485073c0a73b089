/** The schemas that all resources share. */
import { z } from 'zod'
import { charactersOf, controlFault, faultInLine, faultInText, lengthFault } from './characters.ts'
import { storyId, storyReference } from './story.ts'

/** One line of text. Line breaks and control characters could forge mail headers; invisible characters could forge names. */
export const line = (max: number, min = 1) =>
  z
    .string()
    .check(lengthBetween(min, max), without(faultInLine))
    .meta({ minLength: min, maxLength: max })
    .refine(notBlank, blank)

/** Words to search for. Invisible characters are allowed, because pasted text may contain them and they do no harm here. */
export const searchWords = (max: number) =>
  z
    .string()
    .check(lengthBetween(1, max), without(controlFault))
    .meta({ minLength: 1, maxLength: max })
    .refine(notBlank, blank)

/** Text of several lines. All line breaks become line feeds before the text is counted, stored or hashed. */
export const prose = (max: number) =>
  z
    .string()
    .overwrite(withLineFeeds)
    .check(lengthBetween(1, max), without(faultInText))
    .meta({
      minLength: 1,
      maxLength: max,
      description: 'Text of several lines. The service stores it with line feeds (U+000A).',
    })
    .refine(notBlank, blank)

/** Refuses text in which `faultIn` finds a fault, and says which. */
export const without = (faultIn: (text: string) => string | undefined) => (context: TextPayload) => {
  const message = faultIn(context.value)
  if (message === undefined) return
  const params = { code: 'forbidden_character' }
  context.issues.push({ code: 'custom', params, input: context.value, message })
}

type TextPayload = z.core.ParsePayload<string>

/** Checks the length in code points, as JSON Schema does. zod's own bounds count an emoji twice. */
export const lengthBetween = (min: number, max: number) => (context: TextPayload) => {
  const text = context.value
  const length = charactersOf(text)
  const fault = (code: string, size: string) =>
    context.issues.push({ code: 'custom', params: { code }, input: text, message: lengthFault(text, size) })
  if (length < min) fault('too_small', `at least ${min}`)
  if (length > max) fault('too_big', `at most ${max}`)
}

/** Windows writes CR LF, old Macintosh CR, mainframes U+0085. */
const withLineFeeds = (text: string): string => text.replace(/\r\n?|\u0085/g, '\n')

// White space, characters without a width, combining marks without a letter, and the blank braille pattern.
const invisible = /^[\s\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]+$/u

export function notBlank(value: string): boolean {
  return !invisible.test(value)
}
export const blank = { params: { code: 'blank' }, error: 'must contain visible characters' }

/** A list without duplicates. Two values are the same if `keyOf` returns the same key. */
export const distinct = <Value extends z.ZodType>(
  value: Value,
  max: number,
  keyOf: (value: z.output<Value>) => string = String,
) =>
  z
    .array(value)
    .max(max)
    .superRefine((values, context) => {
      const keys = values.map((one) => keyOf(one).normalize())
      keys.forEach((key, index) => {
        if (keys.indexOf(key) < index) context.addIssue({ ...repeated, path: [index] })
      })
    })
    .meta({ uniqueItems: true })

const repeated = {
  code: 'custom',
  params: { code: 'duplicate' },
  message: 'is already in this list',
} as const

/** An id that a client sends. Upper and lower case mean the same UUID (RFC 9562), but not when compared as text. */
export const idInput = z.uuid().toLowerCase()
export const id = idInput.meta({ description: 'A UUID that the service generated.' })
export const idParams = z.strictObject({ id })

// RFC 3339: any offset, any fraction of a second, upper or lower case.
const instantPattern =
  /^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,12})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
/** In a query, an unescaped `+` of an offset arrives as a blank. */
const blankForPlus = /[Tt][\d:.]+ \d\d:\d\d$/
const datePattern = /^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

/** An instant that a client sends, between 1900 and 2199. It is converted to UTC with milliseconds. */
export const instantInput = z
  .string()
  .regex(instantPattern, {
    error: ({ input }) =>
      blankForPlus.test(String(input))
        ? 'has a blank instead of the + before its offset; in a query, percent-encode the + as %2B'
        : 'must be an instant such as 2026-11-23T20:00:00Z or 2026-11-23T21:00:00+01:00',
  })
  .refine(dateExists, { params: { code: 'no_such_date' }, error: 'contains a day that does not exist' })
  .overwrite(inUtc)
  .refine((value) => /^(19|20|21)/.test(value), {
    error: 'must be between 1900 and 2199 in UTC',
  })
  .meta({
    format: 'date-time',
    description:
      'An instant with any offset (RFC 3339). The service keeps and returns it in UTC with milliseconds; further digits are cut off. In a query, write `+` as `%2B`.',
    examples: ['2026-11-23T20:00:00Z'],
  })

/** Leaves an invalid instant unchanged; other checks report its fault. */
function inUtc(value: string): string {
  if (!instantPattern.test(value)) return value
  const cut = value.toUpperCase().replace(/(\.\d{3})\d+/, '$1')
  const time = Date.parse(cut)
  return Number.isNaN(time) ? value : new Date(time).toISOString()
}

const calendarDate = 'A calendar date in UTC, from midnight to midnight.'

/** A calendar date that a client sends. Its description says in which time zone the day counts. */
export const dateInput = z
  .string()
  .regex(datePattern, 'must be a date such as 2026-11-23')
  .refine(dateExists, { params: { code: 'no_such_date' }, error: 'contains a day that does not exist' })
  .meta({ format: 'date', description: calendarDate, examples: ['2026-11-23'] })

function dateExists(value: string): boolean {
  const day = value.slice(0, 10)
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

export const instantOutput = z.string().meta({ format: 'date-time', examples: ['2026-11-23T20:00:00.000Z'] })
export const dateOutput = z
  .string()
  .meta({ format: 'date', description: calendarDate, examples: ['2026-11-23'] })

/** The fields of every resource. */
export const resourceFields = {
  id: z.uuid(),
  version: z.int().meta({ description: 'Every change raises it. `ETag` and `If-Match` refer to it.' }),
  createdAt: instantOutput,
  updatedAt: instantOutput,
}

export const Reference = z.object({ id: z.uuid(), name: z.string(), url: z.string() }).meta({
  id: 'Reference',
  description: 'A reference to another resource.',
  examples: [storyReference('organisations', storyId('04'), 'ICOG')],
})
export type Reference = z.infer<typeof Reference>

/** The schema of a page: `{ data, nextCursor }`. */
export const listOf = <Row extends z.ZodType>(name: string, row: Row) =>
  z
    .object({ data: z.array(row), nextCursor: z.string().nullable() })
    .meta({ id: name, description: 'One page of a list. `nextCursor` is null on the last page.' })

/** A parameter that may be repeated: `?status=verified&status=provisional` finds both. */
export const anyOf = <Value extends z.ZodType>(value: Value) => z.array(value).min(1).max(20).optional()

/** The answer of a 204: no body. */
export const Nothing = z.null().meta({ description: 'Done. The answer has no body.' })
