/** AES-256-GCM, and the format of every encrypted value: key version, nonce, tag, ciphertext. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** `place` is authenticated with the value: a value moved to another row, column or person does not decrypt. */
export type Cipher = {
  encrypt(key: Buffer, plain: Buffer, place: string): Buffer
  decrypt(key: Buffer, encrypted: Buffer, place: string): Buffer
}

export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
export const versionBytes = 4

export const aesGcm: Cipher = {
  encrypt: (key, plain, place) => {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
    const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), encrypted])
  },
  decrypt: (key, encrypted, place) => {
    const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(encrypted.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(encrypted.subarray(nonceBytes + tagBytes)), decipher.final()])
  },
}

export const newKey = (): Buffer => randomBytes(keyBytes)

/** A fingerprint that identifies a root key and reveals nothing about it. */
export const fingerprintOf = (key: Buffer): string =>
  createHmac('sha256', key).update('solidarity-pact root key').digest('hex').slice(0, 32)

export function withVersion(version: number, encrypted: Buffer): Buffer {
  const head = Buffer.alloc(versionBytes)
  head.writeUInt32BE(version)
  return Buffer.concat([head, encrypted])
}

export const versionOf = (bytes: Buffer): number => bytes.readUInt32BE(0)
export const withoutVersion = (bytes: Buffer): Buffer => bytes.subarray(versionBytes)
