import { createHash, randomBytes } from 'node:crypto'

/** The prefix tells a person, and a secret scanner, what it found; the service decides by the stored row. */
export const secretPrefixes = { token: 'spt_', link: 'spl_', enrolment: 'spe_', invitation: 'spi_' } as const
export type SecretKind = keyof typeof secretPrefixes

export type Secret = { readonly secret: string; readonly hash: Buffer }

const secretBytes = 32

/** 256 random bits. The secret is shown once; only its SHA-256 is kept. */
export function mintSecret(kind: SecretKind): Secret {
  const secret = secretPrefixes[kind] + randomBytes(secretBytes).toString('base64url')
  return { secret, hash: hashOf(secret) }
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** A character as it is, or percent-encoded once or several times over. */
const encodable = (character: string): string => {
  const codes = [character.toLowerCase(), character.toUpperCase()].map((one) =>
    one.charCodeAt(0).toString(16),
  )
  return `(?:${character}|%(?:25)*(?:${codes.join('|')}))`
}
const anyPrefix = Object.values(secretPrefixes).map((prefix) => [...prefix].map(encodable).join(''))

// A secret that lost its prefix on the way is still a run of more letters than any name or id here has.
const secretLike = new RegExp(`${anyPrefix.join('|')}|[A-Za-z0-9_-]{40}`, 'i')
const prefixed = new RegExp(anyPrefix.join('|'), 'i')

/** Whether a secret, or the beginning of one, stands in a text, however it is encoded there. */
export const holdsSecret = (text: string): boolean => prefixed.test(text)

/**
 * What a client sent, fit to be repeated in an answer: cut where a secret begins. The rest goes too, since a blank or a line
 * break may stand in the middle of a secret.
 */
export function withoutSecret(text: string): string {
  const at = text.search(secretLike)
  return at === -1 ? text : `${text.slice(0, at)}(secret)`
}
