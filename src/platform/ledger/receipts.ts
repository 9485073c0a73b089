import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../wire/canonical-json.ts'
import { codeOf } from '../database/sqlstate.ts'

/** A public Ed25519 key as `/.well-known/jwks.json` lists it; `kid` is its RFC 7638 thumbprint. */
export type PublicJwk = { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; alg: 'EdDSA'; use: 'sig' }

/** What the service signs so that anyone can check it later, offline, without asking the service. */
export type Receipt<Payload extends object = object> = {
  alg: 'EdDSA'
  keyId: string
  payload: Payload
  /** base64url of the Ed25519 signature over the payload's canonical JSON in UTF-8 */
  signature: string
}

export type Signer = {
  keyId: string
  jwk: PublicJwk
  /** Every key that the service signs or has signed with, the present one first: what they signed remains true. */
  keys: readonly PublicJwk[]
  sign: <Payload extends object>(payload: Payload) => Receipt<Payload>
}

export type ReceiptOutcome =
  | { ok: true }
  | { ok: false; fault: 'unknown_algorithm' | 'unknown_key' | 'malformed_payload' | 'wrong_signature' }

/** Throws when the PEM holds no Ed25519 private key. */
export function openSigner(privateKeyPem: string, retired: readonly PublicJwk[] = []): Signer {
  const privateKey = readPrivateKey(privateKeyPem)
  const jwk = publicJwkOf(createPublicKey(privateKey))
  return {
    keyId: jwk.kid,
    jwk,
    keys: [jwk, ...retired.filter((key) => key.kid !== jwk.kid)],
    sign: (payload) => ({
      alg: 'EdDSA',
      keyId: jwk.kid,
      payload,
      signature: sign(null, signedBytes(payload), privateKey).toString('base64url'),
    }),
  }
}

export function verifyReceipt(receipt: Receipt, jwks: { keys: readonly PublicJwk[] }): ReceiptOutcome {
  if (receipt.alg !== 'EdDSA') return { ok: false, fault: 'unknown_algorithm' }

  // By thumbprint, not by `kid`: a name can be given to any key, a thumbprint belongs to one.
  const jwk = jwks.keys.find((candidate) => thumbprintOf(candidate.x) === receipt.keyId)
  if (!jwk) return { ok: false, fault: 'unknown_key' }

  const bytes = bytesOrNone(receipt.payload)
  if (!bytes) return { ok: false, fault: 'malformed_payload' }

  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const signature = Buffer.from(receipt.signature, 'base64url')
  // Node's decoder skips what is not base64url; one signature shall have one spelling.
  const isSpelledRight = signature.toString('base64url') === receipt.signature
  if (!isSpelledRight || !verify(null, bytes, key, signature)) return { ok: false, fault: 'wrong_signature' }
  return { ok: true }
}

/** A new Ed25519 private key as PKCS #8 PEM. */
export function makeSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * The key in that file, made when there is none yet. Processes that start at the same time agree on one key:
 * each writes its own whole file, and only one of them can give it the name.
 */
export async function loadOrMakeSigningKey(path: string): Promise<string> {
  const existing = await readIfThere(path)
  if (existing !== undefined) return existing

  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomUUID()}`
  try {
    await writeDurably(draft, makeSigningKey())
    await linkUnlessThere(draft, path)
    await syncFolder(dirname(path))
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(path, 'utf8')
}

/**
 * Reads the keys in the `.pem` files of a folder, in the order of their names; the public part of a key is enough.
 * Returns none if the folder does not exist. Throws with the name of the file if it holds no Ed25519 key.
 */
export async function loadRetiredKeys(folder: string): Promise<PublicJwk[]> {
  const names = (await namesIfThere(folder)).filter((name) => name.endsWith('.pem')).sort()
  const keys = new Map<string, PublicJwk>()
  for (const name of names) {
    const key = await readRetiredKey(join(folder, name))
    keys.set(key.kid, key)
  }
  return [...keys.values()]
}

async function readRetiredKey(path: string): Promise<PublicJwk> {
  const pem = await readFile(path, 'utf8')
  const fault = `The file ${JSON.stringify(path)} holds no Ed25519 key in PEM.`
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return publicJwkOf(key)
  } catch (cause) {
    throw new Error(fault, { cause })
  }
  throw new Error(fault)
}

async function namesIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function readPrivateKey(pem: string): KeyObject {
  const fault = 'The signing key must be an Ed25519 private key in PEM (PKCS #8).'
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new Error(fault, { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(fault)
  return key
}

function publicJwkOf(publicKey: KeyObject): PublicJwk {
  const { x } = publicKey.export({ format: 'jwk' })
  if (!x) throw new Error('This key has no public part.')
  return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprintOf(x), alg: 'EdDSA', use: 'sig' }
}

// RFC 7638, with the members that RFC 8037 requires of an Ed25519 key.
function thumbprintOf(x: string): string {
  return createHash('sha256')
    .update(canonicalJson({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
}

function signedBytes(payload: object): Buffer {
  return Buffer.from(canonicalJson(payload), 'utf8')
}

function bytesOrNone(payload: object): Buffer | undefined {
  try {
    return signedBytes(payload)
  } catch {
    return undefined
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

// What this key signs is kept by others for years: the key must not be lost to a power cut right after.
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function linkUnlessThere(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
