/**
 * What a request may carry: JSON in UTF-8, not compressed, without hostile depth, without keys that reach a prototype
 * and without a key that stands twice.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import secureJson from 'secure-json-parse'
import { repeatedKeys } from './json-keys.ts'
import { malformed, unsupportedMediaType } from '../problems.ts'

const nestingMax = 32
const repeatedMax = 50

export const notJson =
  'The body is not well-formed JSON. Mend it, a JSON checker shows where, and send it again.'

/** JSON is the one body there is, and a merge patch is JSON by another name (RFC 7396). */
export function readOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'application/merge-patch+json']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    readJson(request, bytes),
  )
  // Also where the type is missing: many clients send a type, or a length of chunks, and then nothing.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length > 0) throw unsupportedMediaType()
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes that are no UTF-8 are refused: decoded leniently, they would be stored as something else. */
function readJson({ headers }: FastifyRequest, bytes: Buffer): unknown {
  // A type without a body is no fault: where a body is needed, its absence is told like every other fault.
  if (bytes.length === 0) return undefined
  // Unpacked, a small body may become one that nothing can hold.
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw unsupportedMediaType('Send the body as it is, without Content-Encoding: it must not be compressed.')
  }
  if (!isUtf8(headers['content-type'] ?? ''))
    throw unsupportedMediaType('Send the body in UTF-8, and say no other charset in Content-Type.')
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw malformed('The bytes of the body are not UTF-8. Encode it in UTF-8 and send it again.')
  }
  // Blanks and line breaks alone are no body either.
  if (text.trim() === '') return undefined
  if (nestsTooDeep(text)) throw malformed(`The JSON nests deeper than ${nestingMax} levels. Send it flatter.`)
  const parsed = parse(text)
  const repeated = repeatedKeys(text)
  if (repeated.length === 0) return parsed
  throw malformed('A field stands twice in the JSON, and one cannot know which of them is meant. Keep one.', {
    errors: repeated
      .slice(0, repeatedMax)
      .map((pointer) => ({ pointer, code: 'duplicate_field', detail: 'must stand only once' })),
  })
}

function parse(text: string): unknown {
  try {
    return secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' }) as unknown
  } catch {
    throw malformed(isWellFormed(text) ? reachesPrototype : notJson)
  }
}

const reachesPrototype =
  'A key in the JSON is "__proto__", or "constructor" with "prototype" within it. No field is called so; send it without that key.'

function isWellFormed(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isUtf8(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  return charset === undefined || /^utf-?8$/i.test(charset)
}

/** How deep the JSON text nests, told without parsing it: hostile depth must not reach the parser. */
function nestsTooDeep(json: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i)
    if (inString) {
      if (char === 0x5c) i++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > nestingMax) return true
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  return false
}
