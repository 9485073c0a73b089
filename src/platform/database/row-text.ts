/**
 * PostgreSQL's text of a field as it comes from the wire: each character is one byte of UTF-8. Most of it is ASCII and
 * already what it means; the rest is decoded where somebody reads it.
 */
import { fromUtf8, jsonText } from '../wire/json-text.ts'
import { rfc3339 } from './columns.ts'

declare const wire: unique symbol
/** A text with one character for each byte of its UTF-8. */
export type WireText = string & { readonly [wire]: true }

const escaped = /["\\\x00-\x1f]/

export const decoded = (text: WireText): string => fromUtf8(text)

/** A text as JSON. */
export const textAsJson = (text: WireText): string =>
  escaped.test(text) ? jsonText(decoded(text)) : `"${text}"`

/** An instant as JSON, in the form of its column. */
export const instantAsJson = (text: WireText): string => `"${rfc3339(text)}"`

/** What a text has that needs no quotes in JSON, and neither escapes nor decoding: ids, dates, enumerations are such. */
export const quoted = (text: WireText): string => `"${text}"`

/** A list of text as JSON. PostgreSQL quotes and escapes elements as JSON does, but leaves the quotes out where it can. */
export function listAsJson(text: WireText): string {
  if (text === '{}') return '[]'
  if (control.test(text) || text.includes('NULL')) return `[${elementsOf(text).map(elementAsJson).join(',')}]`
  if (!text.includes('"')) return `["${text.slice(1, -1).replaceAll(',', '","')}"]`
  return `[${text.slice(1, -1).replace(element, (found) => (found.startsWith('"') ? found : `"${found}"`))}]`
}

const control = /[\x00-\x1f]/

const elementAsJson = (value: string | null): string =>
  value === null ? 'null' : textAsJson(value as WireText)

/** The elements of a list of text. */
export function listOfText(text: string): (string | null)[] {
  return text === '{}' ? [] : elementsOf(text)
}

const element = /"((?:[^"\\]|\\[\s\S])*)"|[^,{}"\\]+/g
const nextElement = new RegExp(element.source, 'y')

/** Of one dimension, as all lists of the tables are. */
function elementsOf(text: string): (string | null)[] {
  const elements: (string | null)[] = []
  for (let at = 1; at < text.length; at = nextElement.lastIndex + 1) {
    nextElement.lastIndex = at
    const found = nextElement.exec(text)
    if (!found) throw new Error('PostgreSQL sent a list of another form than one of text')
    elements.push(meaningOf(found))
  }
  return elements
}

function meaningOf([text, inQuotes]: RegExpExecArray): string | null {
  if (inQuotes !== undefined)
    return inQuotes.includes('\\') ? inQuotes.replace(/\\([\s\S])/g, '$1') : inQuotes
  return text === 'NULL' ? null : text
}
