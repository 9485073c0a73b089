/** The shapes that every resource shares on the wire. */
import { z } from 'zod'
import { controlFault, faultInLine, faultInText } from './characters.ts'
import { charactersOf, lengthFault } from '../http/fault-texts.ts'
import { storyReferences } from '../contract/story.ts'

/** One line: no control characters, no line breaks (they would forge headers and mails), nothing that nobody sees. */
export const line = (max: number, min = 1) =>
  z
    .string()
    .check(lengthBetween(min, max), without(faultInLine))
    .meta({ minLength: min, maxLength: max })
    .refine(notBlank, blank)

/** Words to search for. What nobody sees may come along when they are pasted; it finds nothing and hinders nothing. */
export const searchWords = (max: number) =>
  z
    .string()
    .check(lengthBetween(1, max), without(controlFault))
    .meta({ minLength: 1, maxLength: max })
    .refine(notBlank, blank)

/** Text of several lines. All line breaks become line feeds before anything counts, keeps or digests the text. */
export const prose = (max: number) =>
  z
    .string()
    .overwrite(withLineFeeds)
    .check(lengthBetween(1, max), without(faultInText))
    .meta({
      minLength: 1,
      maxLength: max,
      description: 'Text of several lines, kept with line feeds (U+000A).',
    })
    .refine(notBlank, blank)

/** Refuses text in which there is a fault, and says which. */
export const without = (faultIn: (text: string) => string | undefined) => (context: TextPayload) => {
  const message = faultIn(context.value)
  if (message === undefined) return
  const params = { code: 'forbidden_character' }
  context.issues.push({ code: 'custom', params, input: context.value, message })
}

type TextPayload = z.core.ParsePayload<string>

/** In characters, as JSON Schema counts them; zod's own bounds count a letter of Adlam or an emoji twice. */
export const lengthBetween = (min: number, max: number) => (context: TextPayload) => {
  const text = context.value
  const length = charactersOf(text)
  const fault = (code: string, size: string) =>
    context.issues.push({ code: 'custom', params: { code }, input: text, message: lengthFault(text, size) })
  if (length < min) fault('too_small', `at least ${min}`)
  if (length > max) fault('too_big', `at most ${max}`)
}

/** Windows, old Macintosh and mainframes break lines by CR LF, CR and U+0085. */
const withLineFeeds = (text: string): string => text.replace(/\r\n?|\u0085/g, '\n')

// Blanks, signs without a width, marks without a letter, and the empty pattern of braille: nothing that one could read.
const invisible = /^[\s\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]+$/u

export function notBlank(value: string): boolean {
  return !invisible.test(value)
}
export const blank = { params: { code: 'blank' }, error: 'must hold more than blanks' }

/** A list in which nothing stands twice; `keyOf` tells what makes two of them the same. */
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
  message: 'stands in this list already',
} as const

/** An id that a client sends. UUIDs are the same in upper case (RFC 9562); compared as text they would not be. */
export const idInput = z.uuid().toLowerCase()
export const id = idInput.meta({ description: 'A UUID made by the service.' })
export const idParams = z.strictObject({ id })

// RFC 3339: any offset, any digits of a second, also in lower case.
const instantPattern =
  /^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,12})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
/** What is left of `+01:00` where somebody wrote it into an address as it stands. */
const blankForPlus = /[Tt][\d:.]+ \d\d:\d\d$/
const datePattern = /^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

/** An instant that a client sends, between 1900 and 2199; read as UTC with milliseconds, as it is answered. */
export const instantInput = z
  .string()
  .regex(instantPattern, {
    error: ({ input }) =>
      blankForPlus.test(String(input))
        ? 'has a blank before its offset, where a + must stand; in an address, percent-encode the + as %2B'
        : 'must be an instant such as 2026-11-23T20:00:00Z or 2026-11-23T21:00:00+01:00',
  })
  .refine(dateExists, { params: { code: 'no_such_date' }, error: 'names a day that does not exist' })
  .overwrite(inUtc)
  .refine((value) => /^(19|20|21)/.test(value), {
    error: 'must lie between 1900 and 2199 in UTC',
  })
  .meta({
    format: 'date-time',
    description:
      'An instant with any offset (RFC 3339). It is kept and answered in UTC with milliseconds; further digits are cut off. In a query, write `+` as `%2B`.',
    examples: ['2026-11-23T20:00:00Z'],
  })

/** What is no instant stays as it is: the other checks have found its fault. */
function inUtc(value: string): string {
  if (!instantPattern.test(value)) return value
  const cut = value.toUpperCase().replace(/(\.\d{3})\d+/, '$1')
  const time = Date.parse(cut)
  return Number.isNaN(time) ? value : new Date(time).toISOString()
}

const calendarDate = 'A calendar date in UTC, from midnight to midnight.'

/** A calendar date that a client sends. Its description says whose midnight counts. */
export const dateInput = z
  .string()
  .regex(datePattern, 'must be a date such as 2026-11-23')
  .refine(dateExists, { params: { code: 'no_such_date' }, error: 'names a day that does not exist' })
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

/** What every resource carries. */
export const resourceFields = {
  id: z.uuid(),
  version: z.int().meta({ description: 'Raised by every change; the ETag and If-Match speak of it.' }),
  createdAt: instantOutput,
  updatedAt: instantOutput,
}

export const Reference = z.object({ id: z.uuid(), name: z.string(), url: z.string() }).meta({
  id: 'Reference',
  description: 'Points at another resource.',
  examples: [storyReferences.icog],
})
export type Reference = z.infer<typeof Reference>

/** `{ data, nextCursor }` of one kind of row. */
export const listOf = <Row extends z.ZodType>(name: string, row: Row) =>
  z
    .object({ data: z.array(row), nextCursor: z.string().nullable() })
    .meta({ id: name, description: 'One page. `nextCursor` is null on the last.' })

/** One scalar or several of the same parameter: `?status=verified&status=provisional` means either. */
export const anyOf = <Value extends z.ZodType>(value: Value) => z.array(value).min(1).max(20).optional()

/** The answer of a 204: no body. */
export const Nothing = z.null().meta({ description: 'Done; there is nothing more to say.' })
