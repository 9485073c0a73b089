/**
 * Declares who may read a field, beside the field: `.meta({ id, fieldClasses: { default: 'public', awaiting: 'organisation' } })`.
 * The contract contains it, and test/access checks every answer against it.
 */
import type { JsonSchema } from './document.ts'

/**
 * public: everybody. network: members of organisations that somebody vouched for. parties: those of the pact, the visit or the affiliation.
 * organisation: its own people. private: the person, and others with their consent.
 */
export type FieldClass = 'public' | 'network' | 'parties' | 'organisation' | 'private'

/** The default class, and the fields with another class. */
export type FieldClasses = { readonly default: FieldClass; readonly [field: string]: FieldClass }

declare module 'zod' {
  interface GlobalMeta {
    fieldClasses?: FieldClasses
  }
}

export const fieldClassKeyword = 'x-field-class'

/** They are no resources: pointers at one, and parts of one, which are of the class of the field in which they stand. */
const parts: ReadonlySet<string> = new Set([
  'Problem',
  'Reference',
  'MandateReference',
  'KnownBy',
  'KnownExternalId',
  'MyMandate',
  'MyPact',
  'CurrentProposal',
  'VerifiedProposal',
  'VisitWindow',
  'ReturnedVisit',
])

/** Writes its class to every field of what is answered. Throws when a resource does not say them, or says one of a field it has not. */
export function classifyFields(components: Record<string, JsonSchema>): void {
  for (const [name, component] of Object.entries(components)) {
    const { properties = {} } = component
    const classes = component['fieldClasses'] as FieldClasses | undefined
    delete component['fieldClasses']
    if (classes) classify(name, properties, classes)
    else if (properties['id'] && !parts.has(name))
      throw new Error(`OpenAPI: ${name} does not say who may know its fields: add .meta({ fieldClasses })`)
  }
}

function classify(
  name: string,
  properties: Record<string, JsonSchema>,
  { default: most, ...exceptions }: FieldClasses,
): void {
  const unknown = Object.keys(exceptions).find((field) => !properties[field])
  if (unknown) throw new Error(`OpenAPI: ${name} has no field ${unknown} that could have a class`)
  for (const [field, property] of Object.entries(properties))
    property[fieldClassKeyword] = exceptions[field] ?? most
}
