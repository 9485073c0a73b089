import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/**
 * The one spelling of a JSON value after RFC 8785: keys in order, no spaces, one way to write each number.
 * Throws a TypeError for what the RFC cannot express: undefined, functions, big integers, dates and other
 * class instances, numbers that are not finite, lone surrogates, circles.
 */
export function canonicalJson(value: unknown): string {
  const text = spell(value)
  if (text === undefined || !isJson(value)) {
    throw new TypeError('Only plain JSON values have a canonical spelling (RFC 8785).')
  }
  return text
}

/** SHA-256 of the canonical JSON in UTF-8, in lower-case hex: the digest that parties accept and sign. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex')
}

function spell(value: unknown): string | undefined {
  try {
    return canonicalize(value)
  } catch (cause) {
    throw new TypeError('This value has no canonical spelling (RFC 8785).', { cause })
  }
}

// Like JSON.stringify, the library drops undefined and asks a Date for its text. Two different values would
// then share a digest. Called after `spell`, which refuses circles; a list instead of recursion bears any
// depth.
function isJson(root: unknown): boolean {
  const unseen = [root]
  while (unseen.length > 0) {
    const value = unseen.pop()
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) continue
    if (Array.isArray(value)) {
      for (const element of value) unseen.push(element)
      continue
    }
    if (!isPlainObject(value)) return false
    for (const member of Object.values(value)) unseen.push(member)
  }
  return true
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
