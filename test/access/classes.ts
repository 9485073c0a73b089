/** Compares answers with the classes of their fields in the contract: a stranger's thing shows nobody more than the class allows. */
import { referenceName, type JsonSchema, type OpenApiDocument } from '../../src/platform/contract/document.ts'
import { fieldClassKeyword, type FieldClass } from '../../src/platform/contract/field-classes.ts'
import type { Answer } from '../harness.ts'
import type { Principal } from './cast.ts'
import type { Cell, Route } from './matrix.ts'

/** Members of organisations that somebody vouched for. */
const network: readonly Principal[] = [
  'delegate',
  'secretary',
  'coordinator',
  'API client',
  'wrong scope',
  'counterpart',
  'second coordinator',
  'without a code',
]

/** Because of their office, coordinators and the operator decide on organisations, and two coordinators disclose identities. */
const coordinators: readonly Principal[] = ['coordinator', 'second coordinator', 'without a code', 'operator']
const byOffice = [
  'Organisation.awaiting',
  'Organisation.invitedBy',
  'Organisation.vouchingCoordination',
  'OrganisationTransition.reason',
  'Disclosure',
  'Identity',
  'Seal',
  'Recovery',
]

/** The owner of the foreign things: for this principal they are their own. */
const owner: Principal = 'foreign secretary'

/** Returns `secretary: Pact.title is of class parties` for each field of a stranger's thing that a caller may not read by its class. */
export const toldPastTheirClass = (
  document: OpenApiDocument,
  { path, operation }: Route,
  cells: readonly Cell[],
): string[] =>
  path.includes('{')
    ? cells
        .filter(({ kind, principal }) => kind === 'foreign' && principal !== owner)
        .flatMap(({ principal, answer }) =>
          [...classesIn(document, schemaOf(operation, answer), answer.data)]
            .filter(([field, said]) => !mayRead(principal, field, said))
            .map(([field, said]) => `${principal}: ${field} is of class ${said}`),
        )
    : []

function mayRead(principal: Principal, field: string, said: FieldClass): boolean {
  if (said === 'public') return true
  if (coordinators.includes(principal) && byOffice.some((known) => field.startsWith(known))) return true
  return said === 'network' && network.includes(principal)
}

type Operation = Route['operation']

function schemaOf({ responses }: Operation, { statusCode }: Answer): JsonSchema {
  const response = responses[statusCode]
  return (response && 'content' in response && response.content?.['application/json']?.schema) || {}
}

/** The class of every field with a value. A nested field has the class of the field that contains it. */
export function classesIn(
  document: OpenApiDocument,
  schema: JsonSchema,
  value: unknown,
  owner = '',
  found = new Map<string, FieldClass>(),
): Map<string, FieldClass> {
  if (value === null || value === undefined) return found
  const name = schema.$ref ? referenceName(schema.$ref) : owner
  const own = schema.$ref ? (document.components.schemas[name] ?? {}) : schema
  for (const choice of own.anyOf ?? own.oneOf ?? []) classesIn(document, choice, value, name, found)
  if (Array.isArray(value)) for (const one of value) classesIn(document, own.items ?? {}, one, name, found)
  else if (typeof value === 'object')
    for (const [field, property] of Object.entries(own.properties ?? {})) {
      const held = (value as Record<string, unknown>)[field]
      const said = property[fieldClassKeyword] as FieldClass | undefined
      if (said && isTold(held)) found.set(`${name}.${field}`, said)
      classesIn(document, property, held, name, found)
    }
  return found
}

const isTold = (held: unknown): boolean =>
  held !== null && held !== undefined && !(Array.isArray(held) && held.length === 0)
