import { createHash, randomBytes } from 'node:crypto'

/** The prefix tells people and secret scanners what they found. The service decides by the stored row. */
export const secretPrefixes = { token: 'spt_', link: 'spl_', enrolment: 'spe_', invitation: 'spi_' } as const
export type SecretKind = keyof typeof secretPrefixes

export type Secret = { readonly secret: string; readonly hash: Buffer }

const secretBytes = 32

/** 256 random bits. The secret is shown once; only its SHA-256 is stored. */
export function mintSecret(kind: SecretKind): Secret {
  const secret = secretPrefixes[kind] + randomBytes(secretBytes).toString('base64url')
  return { secret, hash: hashOf(secret) }
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** A character, plain or percent-encoded once or several times. */
const encodable = (character: string): string => {
  const codes = [character.toLowerCase(), character.toUpperCase()].map((one) =>
    one.charCodeAt(0).toString(16),
  )
  return `(?:${character}|%(?:25)*(?:${codes.join('|')}))`
}
const anyPrefix = Object.values(secretPrefixes).map((prefix) => Array.from(prefix, encodable).join(''))

// A secret without its prefix is still longer than any name or id here.
const secretLike = new RegExp(`${anyPrefix.join('|')}|[A-Za-z0-9_-]{40}`, 'i')
const prefixed = new RegExp(anyPrefix.join('|'), 'i')

/** Whether a text contains a secret or the beginning of one, in any encoding. */
export const holdsSecret = (text: string): boolean => prefixed.test(text)

/**
 * A client's text, safe to repeat in an answer: cut where a secret begins. The rest is cut too, because a blank or a
 * line break may be inside the secret.
 */
export function withoutSecret(text: string): string {
  const at = text.search(secretLike)
  return at === -1 ? text : `${text.slice(0, at)}(secret)`
}
