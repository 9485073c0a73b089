/** On what a change depends: `If-Match` and `If-None-Match` of the request, compared by version. */
import type { FastifyRequest } from 'fastify'
import { entityTagsIn } from './entity-tags.ts'
import { refusal, type Fault } from '../problems.ts'

/** `*`, or the versions that were named: none when every tag is of somebody else. Undefined when nothing was sent. */
type Versions = '*' | readonly number[] | undefined

export type Precondition = { readonly match?: Versions; readonly noneMatch?: Versions }

export const alreadyThere = refusal({
  status: 412,
  code: 'already_there',
  title: 'Something is there already',
  advice: 'Nothing was changed. Read what is there, and send its ETag in If-Match if you mean to replace it.',
})

/** The version, and in a tag of this service a mark of the bytes, to which a proxy may have added something. */
const versionPattern = /^(\d{1,9})(?:\.[A-Za-z0-9_;-]+)?$/

/** The preconditions of a request whose headers were found well-formed by `preconditionFaults`. */
export const expectedVersion = ({ headers }: FastifyRequest): Precondition => ({
  match: versionsIn(headers['if-match']),
  noneMatch: versionsIn(headers['if-none-match']),
})

export function preconditionFaults({ headers }: FastifyRequest): Fault[] {
  return (['If-Match', 'If-None-Match'] as const).flatMap((header) => {
    const value = headers[header.toLowerCase()]
    if (typeof value !== 'string' || entityTagsIn(value)) return []
    const detail =
      'must be an ETag as the service sent it, with its quotes, several of them with commas between, or *'
    return [{ header, code: 'invalid_format', detail }]
  })
}

/** Whether what is there is one of those that were named; nothing is none of them. */
export const isNamed = (versions: '*' | readonly number[], row: { version: number } | undefined): boolean =>
  row !== undefined && (versions === '*' || versions.includes(row.version))

function versionsIn(header: string | undefined): Versions {
  if (header === undefined) return undefined
  const tags = entityTagsIn(header) ?? []
  if (tags === '*') return '*'
  return tags.flatMap((tag) => versionPattern.exec(tag)?.[1] ?? []).map(Number)
}
