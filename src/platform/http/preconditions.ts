/** Reads `If-Match` and `If-None-Match`, which are compared by version. */
import type { FastifyRequest } from 'fastify'
import { entityTagsIn } from './entity-tags.ts'
import type { Precondition, Versions } from '../ledger/versioned-update.ts'
import type { Fault } from '../problems.ts'

/** A version, then in tags of this service a hash of the body, which a proxy may have extended. */
const versionPattern = /^(\d{1,9})(?:\.[A-Za-z0-9_;-]+)?$/

/** Returns the preconditions of a request whose headers have passed `preconditionFaults`. */
export const expectedVersion = ({ headers }: FastifyRequest): Precondition => ({
  match: versionsIn(headers['if-match']),
  noneMatch: versionsIn(headers['if-none-match']),
})

export function preconditionFaults({ headers }: FastifyRequest): Fault[] {
  return (['If-Match', 'If-None-Match'] as const).flatMap((header) => {
    const value = headers[header.toLowerCase()]
    if (typeof value !== 'string' || entityTagsIn(value)) return []
    const detail =
      'must be an ETag of this service with its quotes, several of them separated by commas, or *'
    return [{ header, code: 'invalid_format', detail }]
  })
}

function versionsIn(header: string | undefined): Versions {
  if (header === undefined) return undefined
  const tags = entityTagsIn(header) ?? []
  if (tags === '*') return '*'
  return tags.flatMap((tag) => versionPattern.exec(tag)?.[1] ?? []).map(Number)
}
