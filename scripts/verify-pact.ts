// Verifies a pact offline: that this is the signed text, and that these organisations signed it.
//
//   node scripts/verify-pact.ts verification.json jwks.json [proposal.json]
//
//   verification.json   the answer of GET /v1/pacts/{id}/verification
//   jwks.json           the service's public keys, from /.well-known/jwks.json. Fetch them early and keep
//                       them: keys from the same source as the verification prove little
//   proposal.json       your own copy of the proposal, or only of its content
//
// Exit code 0: everything holds. 1: something does not. 2: nothing could be checked.
//
// This file needs only Node 22.18 or newer. It shares no code with the service, not even the canonical JSON: if you
// doubt the service, you should not have to run its code, and a bug of the service must not be hidden by the same
// bug here. It is short so that you can read it before you trust it.

import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

type Json = Record<string, unknown>
type Verification = {
  pactId: string
  pactStatus: string | undefined
  proposal: { id: string; contentDigest: string; content: Json }
  signatures: Signature[]
  complete: boolean
}
type Signature = {
  party: { id: string; name: string }
  signedAt: string
  receipt: { alg: string; keyId: string; payload: Json; signature: string }
}
type Keys = Map<string, KeyObject>
type Finding = { holds: boolean; sentence: string; note?: true }

process.exitCode = main(process.argv.slice(2))

function main(paths: string[]): number {
  const [verificationPath, jwksPath, proposalPath] = paths
  if (!verificationPath || !jwksPath || paths.length > 3) {
    return giveUp('Usage: node scripts/verify-pact.ts verification.json jwks.json [proposal.json]')
  }
  let findings: Finding[]
  try {
    const verification = readVerification(verificationPath)
    const keys = readKeys(jwksPath)
    const ownContent = proposalPath === undefined ? undefined : readContent(proposalPath)
    findings = check(verification, keys, ownContent)
  } catch (error) {
    return giveUp(sentenceOf(error))
  }
  for (const { holds, sentence, note } of findings) {
    console.log(`${note ? 'note ' : holds ? 'holds' : 'FAULT'}  ${printable(sentence)}`)
  }
  return findings.every((finding) => finding.holds) ? 0 : 1
}

function check(verification: Verification, keys: Keys, ownContent: Json | undefined): Finding[] {
  const { proposal, signatures } = verification
  const digest = digestOf(proposal.content)
  const signedBefore = new Set<unknown>()
  return [
    checkText(digest, proposal.contentDigest),
    ...(ownContent ? [checkOwnText(digest, digestOf(ownContent))] : []),
    ...signatures.map((signature) => checkSignature(signature, verification, digest, keys, signedBefore)),
    checkCount(verification),
    ...noteStatus(verification),
  ]
}

function checkText(digest: string, statedDigest: string): Finding {
  return digest === statedDigest
    ? { holds: true, sentence: `The text has the digest that is stated: ${digest}.` }
    : { holds: false, sentence: `The text was changed: its digest is ${digest}, not ${statedDigest}.` }
}

function checkOwnText(digest: string, ownDigest: string): Finding {
  return digest === ownDigest
    ? { holds: true, sentence: 'Your own copy has the same text.' }
    : { holds: false, sentence: `Your own copy has another text: its digest is ${ownDigest}.` }
}

function checkSignature(
  { party, signedAt, receipt }: Signature,
  { pactId, proposal }: Verification,
  digest: string,
  keys: Keys,
  signedBefore: Set<unknown>,
): Finding {
  const { payload } = receipt
  const faults = [
    receiptFault(receipt, keys),
    payload['purpose'] !== 'pact-signature' && 'the receipt is not for the signature of a pact',
    payload['pactId'] !== pactId && 'the receipt is for another pact',
    payload['proposalId'] !== proposal.id && 'the receipt is for another proposal',
    payload['contentDigest'] !== digest && 'the receipt is for another text',
    payload['organisationId'] !== party.id && 'the receipt names another organisation than the one shown',
    payload['signedAt'] !== signedAt && 'the receipt names another time than the one shown',
    signedBefore.has(payload['organisationId']) && 'this organisation is counted a second time',
  ].filter((fault) => fault !== false)
  signedBefore.add(payload['organisationId'])

  // Receipts contain no names. For the name of the organisation we rely on the service.
  const signatory = `Organisation ${party.id}, shown as ${party.name},`
  return faults.length === 0
    ? { holds: true, sentence: `${signatory} signed this text at ${signedAt}.` }
    : { holds: false, sentence: `${signatory} is not proven to have signed: ${faults.join('; ')}.` }
}

function receiptFault(receipt: Signature['receipt'], keys: Keys): string | false {
  const { alg, keyId, payload, signature } = receipt
  if (alg !== 'EdDSA') return 'the receipt has an unknown signature algorithm'
  const key = keys.get(keyId)
  if (!key) return 'the receipt is signed with a key that is not among the published ones'
  const signedBytes = Buffer.from(canonicalJson(payload), 'utf8')
  const isGenuine = verify(null, signedBytes, key, Buffer.from(signature, 'base64url'))
  return isGenuine ? false : 'the receipt was changed after it was signed'
}

// No receipt lists the parties, so for the fact that nobody is missing we rely on the service; every pact needs two. A
// pact in signing is not a fault: the signatures so far can be checked too.
function checkCount({ complete, signatures }: Verification): Finding {
  const count = signatures.length
  if (count === 0) return { holds: false, sentence: 'Nobody has signed.' }
  if (!complete) return { holds: true, sentence: `Signatures so far: ${count}. Others are still to come.` }
  return count >= 2
    ? { holds: true, sentence: `Signatures: ${count}. By the word of the service, every party has signed.` }
    : { holds: false, sentence: 'Every party is said to have signed, but a pact has at least two.' }
}

// No receipt contains the later status of the pact, so this is a note and not a check. A reader who learns that all have
// signed must also learn that the pact was withdrawn. Verifications from before that do not say so.
function noteStatus({ pactStatus }: Verification): Finding[] {
  if (pactStatus === undefined) return []
  const meanings: Record<string, string> = {
    signing: 'it is not in force yet',
    active: 'it is in force',
    expired: 'it was in force, and its term is over',
  }
  const meaning = meanings[pactStatus] ?? 'it binds nobody, not even those who signed it'
  return [
    {
      holds: true,
      note: true,
      sentence: `By the word of the service, the pact is ${pactStatus}: ${meaning}.`,
    },
  ]
}

function digestOf(content: Json): string {
  return createHash('sha256').update(canonicalJson(content), 'utf8').digest('hex')
}

// RFC 8785 for values from JSON.parse: JavaScript writes strings and numbers as the RFC requires and sorts keys by
// UTF-16 units. This adds the order of keys, and refuses two things that JSON text can contain.
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

function readVerification(path: string): Verification {
  const file = readJson(path)
  try {
    const proposal = objectIn(file, 'proposal')
    return {
      pactId: textIn(file, 'pactId'),
      pactStatus: file['pactStatus'] === undefined ? undefined : textIn(file, 'pactStatus'),
      proposal: {
        id: textIn(proposal, 'id'),
        contentDigest: textIn(proposal, 'contentDigest'),
        content: objectIn(proposal, 'content'),
      },
      signatures: objectsIn(file, 'signatures').map(readSignature),
      complete: file['complete'] === true,
    }
  } catch (error) {
    throw new Error(`${path} is not the verification of a pact: ${sentenceOf(error)}`)
  }
}

function readSignature(signature: Json): Signature {
  const party = objectIn(signature, 'party')
  const receipt = objectIn(signature, 'receipt')
  return {
    party: { id: textIn(party, 'id'), name: textIn(party, 'name') },
    signedAt: textIn(signature, 'signedAt'),
    receipt: {
      alg: textIn(receipt, 'alg'),
      keyId: textIn(receipt, 'keyId'),
      payload: objectIn(receipt, 'payload'),
      signature: textIn(receipt, 'signature'),
    },
  }
}

// Keys are identified by their RFC 7638 thumbprint, computed here: the name beside a key proves nothing.
function readKeys(path: string): Keys {
  const file = readJson(path)
  try {
    const keys = objectsIn(file, 'keys').filter(({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519')
    return new Map(
      keys.map((key) => {
        const jwk = { crv: 'Ed25519', kty: 'OKP', x: textIn(key, 'x') }
        const thumbprint = createHash('sha256').update(canonicalJson(jwk)).digest('base64url')
        return [thumbprint, createPublicKey({ key: jwk, format: 'jwk' })]
      }),
    )
  } catch {
    throw new Error(`${path} is not a set of public keys (JWKS).`)
  }
}

// The service returns a proposal with its digest and content. Any other object is the content itself.
function readContent(path: string): Json {
  const file = readJson(path)
  return 'contentDigest' in file && isObject(file['content']) ? file['content'] : file
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

function objectIn(holder: Json, name: string): Json {
  const value = holder[name]
  if (!isObject(value)) throw new Error(`it has no object "${name}".`)
  return value
}

function objectsIn(holder: Json, name: string): Json[] {
  const value = holder[name]
  if (!Array.isArray(value) || !value.every(isObject)) throw new Error(`it has no list of objects "${name}".`)
  return value
}

function textIn(holder: Json, name: string): string {
  const value = holder[name]
  if (typeof value !== 'string') throw new Error(`it has no text "${name}".`)
  return value
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

// Names come from the file. A name with control characters could print a false "holds" on a terminal.
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\uFFFD')
}
