/**
 * JSON as it goes to the socket: text with one character for each byte of its UTF-8. Text of PostgreSQL comes in this form
 * and needs no decoding, and the socket takes it without encoding: a page of fifty with names in Cyrillic costs the service
 * half of what the same text as a JavaScript string costs.
 */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7f]*$/
const beyondAscii = /[^\x00-\x7f]/

/** What `JSON.stringify` writes for a string. */
export const jsonText = (value: string): string =>
  plain.test(value) ? `"${value}"` : utf8(JSON.stringify(value))

const utf8 = (text: string): string => (beyondAscii.test(text) ? Buffer.from(text).toString('latin1') : text)

/** The string that was written. */
export const fromUtf8 = (bytes: string): string =>
  beyondAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes

/** JSON on its way to the socket; not a string, so that nobody encodes it again. */
export type JsonBytes = {
  readonly bytes: string
  /** The version of the resource that is sent, for its ETag. */
  readonly version: number | undefined
}
