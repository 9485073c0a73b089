import { createHash, randomBytes } from 'node:crypto'

/** The prefix tells a person, and a secret scanner, what it found; the service decides by the stored row. */
export const secretPrefixes = { token: 'spt_', link: 'spl_', enrolment: 'spe_' } as const
export type SecretKind = keyof typeof secretPrefixes

export type Secret = { readonly secret: string; readonly hash: Buffer }

const secretBytes = 32

/** 256 random bits. The secret is shown once; only its SHA-256 is kept. */
export function mintSecret(kind: SecretKind): Secret {
  const secret = secretPrefixes[kind] + randomBytes(secretBytes).toString('base64url')
  return { secret, hash: hashOf(secret) }
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
