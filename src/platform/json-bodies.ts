/** What a request may carry: JSON in UTF-8, without hostile depth and without keys that reach a prototype. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import secureJson from 'secure-json-parse'
import { malformed, unsupportedMediaType } from './problems.ts'

const nestingMax = 32

/** JSON is the one body there is, and a merge patch is JSON by another name (RFC 7396). */
export function readOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'application/merge-patch+json']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    readJson(request.headers['content-type'] ?? '', bytes),
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes that are no UTF-8 are refused: decoded leniently, they would be stored as something else. */
function readJson(contentType: string, bytes: Buffer): unknown {
  if (!isUtf8(contentType)) throw unsupportedMediaType('The body must be in UTF-8.')
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw malformed('The body is not UTF-8.')
  }
  if (nestsTooDeep(text)) throw malformed('The JSON nests deeper than 32 levels.')
  try {
    return secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' }) as unknown
  } catch {
    throw malformed('The body is not well-formed JSON.')
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
