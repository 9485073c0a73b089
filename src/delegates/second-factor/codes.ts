/** Time-based one-time passwords (RFC 6238), as every authenticator makes them: SHA-1, six digits, thirty seconds. */
import { Secret, TOTP } from 'otpauth'

const issuer = 'Solidarity Pact'
const secretBytes = 20
/** A clock may be wrong by one period. */
const window = 1

export const newSecret = (): string => new Secret({ size: secretBytes }).base32

/** Names nobody: an authenticator may be looked at by others. */
export const otpauthUri = (secret: string): string => totp(secret).toString()

/** The period for which a code is right, counted from 1970; undefined when it is wrong. */
export function periodOf(secret: string, code: string, now: string): number | undefined {
  const timestamp = Date.parse(now)
  const totpOfPerson = totp(secret)
  const delta = totpOfPerson.validate({ token: code, timestamp, window })
  return delta === null ? undefined : totpOfPerson.counter({ timestamp }) + delta
}

const totp = (secret: string): TOTP =>
  new TOTP({ issuer, label: 'delegate', secret: Secret.fromBase32(secret) })
