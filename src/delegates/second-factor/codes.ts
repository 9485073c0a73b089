/** Time-based one-time passwords (RFC 6238) as all authenticators support them: SHA-1, six digits, 30 seconds. */
import { Secret, TOTP } from 'otpauth'

const issuer = 'Solidarity Pact'
const secretBytes = 20
/** Accepts a clock that is wrong by one period. */
const window = 1

export const newSecret = (): string => new Secret({ size: secretBytes }).base32

/** Contains no name, because other people may look at an authenticator. */
export const otpauthUri = (secret: string): string => totp(secret).toString()

/** Returns the period of a correct code, counted from 1970; undefined for a wrong one. */
export function periodOf(secret: string, code: string, now: string): number | undefined {
  const timestamp = Date.parse(now)
  const totpOfPerson = totp(secret)
  const delta = totpOfPerson.validate({ token: code, timestamp, window })
  return delta === null ? undefined : totpOfPerson.counter({ timestamp }) + delta
}

const totp = (secret: string): TOTP =>
  new TOTP({ issuer, label: 'delegate', secret: Secret.fromBase32(secret) })
