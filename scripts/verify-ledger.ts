// Verifies a part of the ledger offline: that the service signed this checkpoint, and that it contains this entry.
//
//   node scripts/verify-ledger.ts checkpoint.json jwks.json [older.json]
//   node scripts/verify-ledger.ts proof.json jwks.json [checkpoint.json]
//
//   checkpoint.json   the output of `npm run cli -- ledger checkpoint`
//   proof.json        the output of `npm run cli -- ledger prove --checkpoint FILE --entry ID`
//   jwks.json         the service's public keys, from /.well-known/jwks.json. Fetch them early and keep them: keys
//                     from the same source as the rest prove little
//   older.json        an older checkpoint that you kept: the newer one must begin with all its entries
//
// Exit code 0: everything holds. 1: something does not. 2: nothing could be checked.
//
// This file needs only Node 22.18 or newer. It shares no code with the service: if you doubt the service, you should
// not have to run its code. It is short so that you can read it before you trust it.

import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

type Json = Record<string, unknown>
type Signed = { size: number; rootHash: string; at: string; receipt: Json }
type Keys = Map<string, KeyObject>
type Finding = { holds: boolean; sentence: string }

// Only entries about persons may be redacted, and only after 24 months.
const personal = new Set([
  'booking',
  'delegate',
  'disclosure',
  'enrolment_link',
  'identity',
  'identity_budget',
  'identity_read',
  'itinerary',
  'mandate',
  'participant',
  'second_factor',
  'token',
])
const daysKept = 730
const lasting = ['id', 'position', 'at', 'type', 'object', 'restHash']

process.exitCode = main(process.argv.slice(2))

function main(paths: string[]): number {
  const [path, jwksPath, keptPath] = paths
  if (!path || !jwksPath || paths.length > 3) {
    return giveUp(
      'Usage: node scripts/verify-ledger.ts checkpoint-or-proof.json jwks.json [kept-checkpoint.json]',
    )
  }
  let findings: Finding[]
  try {
    const file = readJson(path)
    const keys = readKeys(jwksPath)
    const kept = keptPath === undefined ? undefined : { path: keptPath, file: readJson(keptPath) }
    findings = 'proof' in file ? checkProof(path, file, keys, kept) : checkLater(path, file, keys, kept)
  } catch (error) {
    return giveUp(sentenceOf(error))
  }
  for (const { holds, sentence } of findings) {
    console.log(`${holds ? 'holds' : 'FAULT'}  ${printable(sentence)}`)
  }
  return findings.every((finding) => finding.holds) ? 0 : 1
}

type Kept = { path: string; file: Json } | undefined

function checkLater(path: string, file: Json, keys: Keys, kept: Kept): Finding[] {
  const findings = checkCheckpoint(path, file, keys)
  if (!kept) return findings
  const [older, newer] = [hashesIn(kept.path, kept.file, 'leaves'), hashesIn(path, file, 'leaves')]
  const parted = older.findIndex((leaf, index) => !newer[index]?.equals(leaf))
  return [
    ...findings,
    ...checkCheckpoint(kept.path, kept.file, keys),
    parted === -1
      ? { holds: true, sentence: `It begins with all ${older.length} entries of ${kept.path}.` }
      : { holds: false, sentence: `It does not continue ${kept.path}: they differ from index ${parted} on.` },
  ]
}

function checkCheckpoint(path: string, file: Json, keys: Keys): Finding[] {
  const signed = signedIn(path, file)
  const leaves = hashesIn(path, file, 'leaves')
  const isWhole = leaves.length === signed.size && rootOf(leaves).toString('base64url') === signed.rootHash
  return [
    checkSignature(path, signed, keys),
    isWhole
      ? { holds: true, sentence: `Its ${leaves.length} hashes are those that were signed.` }
      : { holds: false, sentence: `The hashes in ${path} are not those that were signed.` },
  ]
}

function checkProof(path: string, file: Json, keys: Keys, kept: Kept): Finding[] {
  const signed = signedIn(path, file)
  const entry = objectIn(path, file, 'entry')
  const index = file['index']
  if (typeof index !== 'number' || !Number.isSafeInteger(index)) throw unreadable(path, 'index')
  const leaf = leafOf(path, entry)
  const proof = hashesIn(path, file, 'proof')
  const root = Buffer.from(signed.rootHash, 'base64url')
  const what = `Entry ${textIn(path, entry, 'id')}, ${textIn(path, entry, 'type')} at ${textIn(path, entry, 'at')},`
  return [
    checkSignature(path, signed, keys),
    isIncluded(leaf, { index, size: signed.size, proof, root })
      ? { holds: true, sentence: `${what} is at index ${index} of the checkpoint.` }
      : { holds: false, sentence: `${what} is not at index ${index} of the checkpoint.` },
    ...checkRedaction(entry),
    ...(kept ? checkAgainst(kept.path, kept.file, keys, index, leaf) : []),
  ]
}

function checkAgainst(path: string, file: Json, keys: Keys, index: number, leaf: Buffer): Finding[] {
  const stands = hashesIn(path, file, 'leaves')[index]?.equals(leaf) === true
  return [
    ...checkCheckpoint(path, file, keys),
    stands
      ? { holds: true, sentence: `It is at the same index in ${path}.` }
      : { holds: false, sentence: `It is not at that index in ${path}.` },
  ]
}

function checkRedaction(entry: Json): Finding[] {
  if (entry['restHash'] === null || entry['restHash'] === undefined) return []
  const left = Object.keys(entry).filter((name) => !lasting.includes(name) && entry[name] !== null)
  if (left.length > 0) {
    return [{ holds: false, sentence: `Nothing proves what is written beside the hash: ${left.join(', ')}.` }]
  }
  const isOld = Date.parse(String(entry['at'])) < Date.now() - daysKept * 86_400_000
  return personal.has(String(entry['object'])) && isOld
    ? [
        {
          holds: true,
          sentence: 'The names and ids were redacted after 24 months, as in every entry about a person.',
        },
      ]
    : [{ holds: false, sentence: 'The names and ids were redacted, but this entry must keep them.' }]
}

function checkSignature(path: string, { receipt, size, at }: Signed, keys: Keys): Finding {
  const fault = signatureFault(receipt, keys)
  return fault === undefined
    ? { holds: true, sentence: `The service signed the checkpoint in ${path}: ${size} entries at ${at}.` }
    : { holds: false, sentence: `The checkpoint in ${path} proves nothing: ${fault}.` }
}

function signatureFault({ alg, keyId, payload, signature }: Json, keys: Keys): string | undefined {
  if (alg !== 'EdDSA') return 'it has an unknown signature algorithm'
  const key = keys.get(String(keyId))
  if (!key) return 'it is signed with a key that is not among the published ones'
  const signedBytes = Buffer.from(canonicalJson(payload), 'utf8')
  const isGenuine = verify(null, signedBytes, key, Buffer.from(String(signature), 'base64url'))
  if (!isGenuine) return 'it was changed after it was signed'
  return (payload as Json)['purpose'] === 'ledger-checkpoint'
    ? undefined
    : 'the signature is for another purpose'
}

// The leaf that the service hashes: the permanent fields, and the hash of the rest.
function leafOf(path: string, entry: Json): Buffer {
  const rest = Object.fromEntries(Object.entries(entry).filter(([name]) => !lasting.includes(name)))
  const given = entry['restHash']
  const restHash =
    typeof given === 'string' ? given : createHash('sha256').update(canonicalJson(rest)).digest('base64url')
  const known = Object.fromEntries(lasting.map((name) => [name, entry[name]]))
  if (known['id'] === undefined) throw unreadable(path, 'entry')
  return sha256(Buffer.of(0), Buffer.from(canonicalJson({ ...known, restHash }), 'utf8'))
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.of(1), left, right)
}

// RFC 9162, section 2.1.1: split at the largest power of two below the size.
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length <= 1) return leaves[0] ?? sha256()
  const split = 2 ** (32 - Math.clz32(leaves.length - 1) - 1)
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

// RFC 9162, section 2.1.3.2.
type Place = { index: number; size: number; proof: readonly Buffer[]; root: Buffer }
function isIncluded(leaf: Buffer, { index, size, proof, root }: Place): boolean {
  if (index < 0 || index >= size) return false
  let [hash, at, last] = [leaf, index, size - 1]
  for (const neighbour of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(neighbour, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1]
    } else {
      hash = nodeHash(hash, neighbour)
    }
    ;[at, last] = [at >> 1, last >> 1]
  }
  return last === 0 && hash.equals(root)
}

function signedIn(path: string, file: Json): Signed {
  const receipt = objectIn(path, file, 'checkpoint')
  const payload = objectIn(path, receipt, 'payload')
  const size = payload['size']
  if (typeof size !== 'number') throw unreadable(path, 'size')
  return { size, rootHash: textIn(path, payload, 'rootHash'), at: textIn(path, payload, 'at'), receipt }
}

function hashesIn(path: string, file: Json, name: string): Buffer[] {
  const value = file[name]
  if (!Array.isArray(value) || !value.every((hash) => typeof hash === 'string')) throw unreadable(path, name)
  return value.map((hash) => Buffer.from(hash, 'base64url'))
}

function objectIn(path: string, holder: Json, name: string): Json {
  const value = holder[name]
  if (!isObject(value)) throw unreadable(path, name)
  return value
}

function textIn(path: string, holder: Json, name: string): string {
  const value = holder[name]
  if (typeof value !== 'string') throw unreadable(path, name)
  return value
}

function unreadable(path: string, name: string): Error {
  return new Error(`${path} is neither a checkpoint nor a proof: its "${name}" cannot be read.`)
}

// RFC 8785 for values from JSON.parse, as in verify-pact.ts.
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort()
    return `{${keys.map((key) => `${canonicalJson(key)}:${canonicalJson(value[key])}`).join(',')}}`
  }
  const isBroken = typeof value === 'string' && !value.isWellFormed()
  const isTooLarge = typeof value === 'number' && !Number.isFinite(value)
  if (isBroken || isTooLarge) throw new Error('A file holds broken Unicode or a number that is too large.')
  return JSON.stringify(value)
}

// Keys are identified by their RFC 7638 thumbprint, computed here: the name beside a key proves nothing.
function readKeys(path: string): Keys {
  const { keys } = readJson(path)
  try {
    const usable = (keys as Json[]).filter(({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519')
    return new Map(
      usable.map(({ x }) => {
        const jwk = { crv: 'Ed25519', kty: 'OKP', x: String(x) }
        const thumbprint = createHash('sha256').update(canonicalJson(jwk)).digest('base64url')
        return [thumbprint, createPublicKey({ key: jwk, format: 'jwk' })]
      }),
    )
  } catch {
    throw new Error(`${path} is not a set of public keys (JWKS).`)
  }
}

function readJson(path: string): Json {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Error(`The file ${path} is missing or cannot be read.`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Reported below, because the parser's message would quote the file.
  }
  throw new Error(`The file ${path} holds no JSON object.`)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function giveUp(sentence: string): number {
  console.error(printable(sentence))
  return 2
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\uFFFD')
}
