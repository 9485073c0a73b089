/** Chooses a representation by Accept and Accept-Encoding (RFC 9110, section 12.5). */
import { notAcceptable } from '../problems.ts'

/** A media range or a content coding, with its weight from 0 (refused) to 1. */
type Preference = { range: string; weight: number }

/** Returns the best of the offered media types, the first one without a header, undefined if the client accepts none. */
export function preferredType(accept: string | undefined, offered: readonly string[]): string | undefined {
  const preferences = preferencesIn(accept)
  if (preferences.length === 0) return offered[0]
  return best(offered, (type) => weightOfType(type, preferences))
}

/** Like `preferredType`, but throws 406 with the offered types if the client accepts none. */
export function acceptedType(accept: string | undefined, offered: readonly string[]): string {
  const type = preferredType(accept, offered)
  if (type !== undefined) return type
  const available = offered.join(' and ')
  throw notAcceptable(
    `This address offers ${available}. Accept one of these types, or leave the header out.`,
    {
      errors: [{ header: 'Accept', code: 'not_acceptable', detail: `must allow ${offered.join(' or ')}` }],
    },
  )
}

/** Returns the best of the available codings, else `identity`, even if the client refuses that: better than no document. */
export function preferredCoding<Coding extends string>(
  acceptEncoding: string | undefined,
  available: readonly Coding[],
): Coding | 'identity' {
  if (acceptEncoding === undefined) return 'identity'
  const preferences = preferencesIn(acceptEncoding)
  return best(available, (coding) => weightOfRange([coding, '*'], preferences) ?? 0) ?? 'identity'
}

function best<Offer extends string>(
  offered: readonly Offer[],
  weightOf: (offer: Offer) => number,
): Offer | undefined {
  let chosen: Offer | undefined
  let weight = 0
  for (const offer of offered) {
    const own = weightOf(offer)
    if (own > weight) [chosen, weight] = [offer, own]
  }
  return chosen
}

/** The most specific range decides, so `application/json;q=0, *` refuses JSON. */
function weightOfType(type: string, preferences: readonly Preference[]): number {
  const [main = ''] = type.split('/', 1)
  const own = weightOfRange([type, `${main}/*`, '*/*', '*'], preferences)
  if (own !== undefined || type !== json) return own ?? 0
  // Generated clients send only this type for operations whose success has no body.
  return weightOfRange(['application/problem+json'], preferences) ?? 0
}

const json = 'application/json'

function weightOfRange(
  fromSpecific: readonly string[],
  preferences: readonly Preference[],
): number | undefined {
  for (const range of fromSpecific) {
    const found = preferences.find((preference) => preference.range === range)
    if (found) return found.weight
  }
  return undefined
}

/** Parses the header. Ignores parameters other than `q`, and members that are not ranges. */
function preferencesIn(header = ''): Preference[] {
  return header
    .toLowerCase()
    .split(',')
    .flatMap((member) => {
      const [range = '', ...parameters] = member.split(';').map((part) => part.trim())
      if (!rangePattern.test(range)) return []
      return [{ range, weight: weightIn(parameters) }]
    })
}

const rangePattern = /^[\w!#$&^.+*-]+(\/[\w!#$&^.+*-]+)?$/

function weightIn(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  const weight = written === undefined ? 1 : Number(written)
  return weight >= 0 && weight <= 1 ? weight : 1
}
