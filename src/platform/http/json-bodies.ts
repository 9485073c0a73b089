/** Parses request bodies: uncompressed JSON in UTF-8, of limited depth, without repeated keys or keys that reach a prototype. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import secureJson from 'secure-json-parse'
import { repeatedKeys } from './json-keys.ts'
import { malformed, unsupportedMediaType } from '../problems.ts'

const nestingMax = 32
const repeatedMax = 50

export const notJson =
  'The body is not well-formed JSON. Correct it (a JSON validator shows the place) and send it again.'

/** Accepts only JSON bodies. A merge patch is JSON with another media type (RFC 7396). */
export function readOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'application/merge-patch+json']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    readJson(request, bytes),
  )
  // Many clients send a type, or chunked encoding, and then no body.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length > 0) throw unsupportedMediaType()
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Refuses bytes that are not UTF-8: lenient decoding would store other text than was sent. */
function readJson({ headers }: FastifyRequest, bytes: Buffer): unknown {
  // If the operation needs a body, validation reports that it is missing.
  if (bytes.length === 0) return undefined
  // A small compressed body could decompress to gigabytes.
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw unsupportedMediaType('Send the body uncompressed, without Content-Encoding.')
  }
  if (!isUtf8(headers['content-type'] ?? ''))
    throw unsupportedMediaType('Send the body in UTF-8, without another charset in Content-Type.')
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw malformed('The bytes of the body are not UTF-8. Encode it in UTF-8 and send it again.')
  }
  // White space alone counts as no body.
  if (text.trim() === '') return undefined
  if (nestsTooDeep(text))
    throw malformed(`The JSON is nested deeper than ${nestingMax} levels. Send it with fewer levels.`)
  const parsed = parse(text)
  const repeated = repeatedKeys(text)
  if (repeated.length === 0) return parsed
  throw malformed('A field occurs twice in the JSON, so its value is unclear. Send each field only once.', {
    errors: repeated
      .slice(0, repeatedMax)
      .map((pointer) => ({ pointer, code: 'duplicate_field', detail: 'must occur only once' })),
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
  'The JSON contains the key "__proto__", or "constructor" with "prototype" in it. No field has this name. Remove the key.'

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

/** Checks the depth without parsing the JSON, because hostile depth must not reach the parser. */
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
