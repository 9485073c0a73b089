/** Serves documents that are the same for everybody: made and compressed once, outside the event loop, then sent from memory. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { anyone } from '../access.ts'
import { namesTag } from './entity-tags.ts'
import { acceptedType, preferredCoding } from './negotiation.ts'

export type Representation = {
  /** The media type, without parameters. Text is UTF-8. */
  type: string
  body: string
  headers?: Readonly<Record<string, string>>
}

export type DocumentOptions = {
  /** Makes all representations, the preferred one first. Called once, when somebody asks for the first time. */
  make: () => readonly Representation[] | Promise<readonly Representation[]>
  cacheControl: string
}

/** Route options of a document: open to anyone, and not in the contract. */
export const documentRoute = { config: { access: anyone, hidden: true } }

export type StaticDocument = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Answers the document: the representation that Accept prefers, in the coding that Accept-Encoding prefers. */
export function staticDocument({ make, cacheControl }: DocumentOptions): StaticDocument {
  const made = lazily(async () => (await make()).map(inBytes))
  return async (request, reply) => {
    const representations = await made()
    const types = representations.map(({ type }) => type)
    const type = acceptedType(request.headers.accept, types)
    const chosen = representations.find((one) => one.type === type) as (typeof representations)[number]
    const coding = preferredCoding(request.headers['accept-encoding'], codings)
    const { body, etag, encoded } = await chosen.variant(coding)
    void reply
      .headers({
        ...chosen.headers,
        etag,
        vary: types.length > 1 ? 'accept, accept-encoding' : 'accept-encoding',
      })
      .header('cache-control', cacheControl)
    if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send()
    if (encoded) void reply.header('content-encoding', coding)
    return reply.type(isText(chosen.type) ? `${chosen.type}; charset=utf-8` : chosen.type).send(body)
  }
}

type Coding = 'br' | 'gzip'
type Variant = { body: Buffer; etag: string; encoded: boolean }

const codings: readonly Coding[] = ['br', 'gzip']

function inBytes({ type, body, headers }: Representation) {
  const bytes = Buffer.from(body)
  const mark = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  const plain: Variant = { body: bytes, etag: `"${mark}"`, encoded: false }
  const compressed = (coding: Coding) =>
    lazily(async (): Promise<Variant> => {
      const smaller = await compress[coding](bytes)
      // Bytes that differ need another strong ETag (RFC 9110, section 8.8.3).
      return smaller.length < bytes.length
        ? { body: smaller, etag: `"${mark}.${coding}"`, encoded: true }
        : plain
    })
  const variants = { br: compressed('br'), gzip: compressed('gzip') }
  return {
    type,
    headers,
    variant: async (coding: Coding | 'identity') => (coding === 'identity' ? plain : variants[coding]()),
  }
}

// Measured on the contract (640 KB): quality 11 is 9 % smaller than 9, and takes twenty times as long.
const brotliQuality = 9

const compress: Record<Coding, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
}

/** Concurrent callers wait for the same result. After a failure, the next call tries again. */
function lazily<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return () => {
    result ??= make().catch((error: unknown) => {
      result = undefined
      throw error
    })
    return result
  }
}

const isText = (type: string) => type.startsWith('text/') || type === 'application/json'
