import { spawn } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import {
  loadOrMakeSigningKey,
  loadRetiredKeys,
  makeSigningKey,
  openSigner,
  verifyReceipt,
  type PublicJwk,
  type Receipt,
} from '../../../src/platform/ledger/receipts.ts'

// The key pair of RFC 8037, appendix A, and the thumbprint that its section A.3 gives for it.
const publishedKeyPem = [
  '-----BEGIN PRIVATE KEY-----',
  Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url'),
  ]).toString('base64'),
  '-----END PRIVATE KEY-----',
].join('\n')
const publishedX = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
const publishedThumbprint = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

const payload = { purpose: 'pact-signature', organisationId: 'icog', signedAt: '2020-10-23T07:00:00Z' }

t.test('the id of a signing key is its RFC 7638 thumbprint', async (t) => {
  const signer = openSigner(publishedKeyPem)
  t.equal(signer.keyId, publishedThumbprint)
  t.same(signer.jwk, {
    kty: 'OKP',
    crv: 'Ed25519',
    x: publishedX,
    kid: publishedThumbprint,
    alg: 'EdDSA',
    use: 'sig',
  })
})

t.test('a published key contains no private part', async (t) => {
  const signer = openSigner(publishedKeyPem)
  t.notOk('d' in signer.jwk)
  t.notMatch(JSON.stringify(signer), 'nWGxne')
})

t.test('a receipt contains its payload and verifies', async (t) => {
  const signer = openSigner(makeSigningKey())

  const receipt = signer.sign(payload)

  t.same(receipt.payload, payload)
  t.equal(receipt.alg, 'EdDSA')
  t.equal(receipt.keyId, signer.keyId)
  t.same(verifyReceipt(receipt, { keys: [signer.jwk] }), { ok: true })
})

t.test('the signature of a receipt is Ed25519 over canonical JSON', async (t) => {
  const { jwk, sign } = openSigner(publishedKeyPem)

  const { signature } = sign({ b: 'Пакт', a: 1 })

  const key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' })
  t.ok(verify(null, Buffer.from('{"a":1,"b":"Пакт"}', 'utf8'), key, Buffer.from(signature, 'base64url')))
})

t.test('a stored receipt verifies although its members come back in another order', async (t) => {
  const signer = openSigner(makeSigningKey())
  const receipt: Receipt = JSON.parse(JSON.stringify(signer.sign({ a: 1, b: 2 })))
  receipt.payload = Object.fromEntries(Object.entries(receipt.payload).reverse())
  t.same(verifyReceipt(receipt, { keys: [signer.jwk] }), { ok: true })
})

t.test('a receipt of a retired key verifies as long as the key is published', async (t) => {
  const [retired, current] = [openSigner(makeSigningKey()), openSigner(makeSigningKey())]
  const receipt = retired.sign(payload)
  t.same(verifyReceipt(receipt, { keys: [current.jwk, retired.jwk] }), { ok: true })
  t.same(verifyReceipt(receipt, { keys: [current.jwk] }), { ok: false, fault: 'unknown_key' })
})

t.test('each fault of a receipt has its own code', async (t) => {
  const signer = openSigner(makeSigningKey())
  const receipt = signer.sign(payload)
  const foreign = openSigner(makeSigningKey())
  const { signature } = receipt
  const otherFirst = signature.startsWith('A') ? 'B' : 'A'
  const faulty: Record<string, [Receipt, string]> = {
    'a changed payload': [{ ...receipt, payload: { ...payload, purpose: 'other' } }, 'wrong_signature'],
    'an added field': [{ ...receipt, payload: { ...payload, extra: true } }, 'wrong_signature'],
    'a changed signature': [{ ...receipt, signature: otherFirst + signature.slice(1) }, 'wrong_signature'],
    'a cut signature': [{ ...receipt, signature: signature.slice(0, 40) }, 'wrong_signature'],
    'no signature': [{ ...receipt, signature: '' }, 'wrong_signature'],
    'a second spelling of the signature': [{ ...receipt, signature: `${signature}==` }, 'wrong_signature'],
    'the signature of another key': [{ ...foreign.sign(payload), keyId: signer.keyId }, 'wrong_signature'],
    'an unknown key': [{ ...receipt, keyId: foreign.keyId }, 'unknown_key'],
    'another algorithm': [JSON.parse(JSON.stringify({ ...receipt, alg: 'none' })), 'unknown_algorithm'],
    'a payload without canonical JSON': [{ ...receipt, payload: { at: '\ud800' } }, 'malformed_payload'],
  }
  for (const [name, [changed, fault]] of Object.entries(faulty)) {
    t.same(verifyReceipt(changed, { keys: [signer.jwk] }), { ok: false, fault }, name)
  }
})

t.test('a key that is published under the id of another does not verify receipts', async (t) => {
  const [signer, impostor] = [openSigner(makeSigningKey()), openSigner(makeSigningKey())]
  const forged: Receipt = { ...impostor.sign(payload), keyId: signer.keyId }
  const published: PublicJwk = { ...impostor.jwk, kid: signer.keyId }
  t.same(verifyReceipt(forged, { keys: [published] }), { ok: false, fault: 'unknown_key' })
})

t.test('a payload without canonical JSON is not signed', async (t) => {
  const signer = openSigner(makeSigningKey())
  t.throws(() => signer.sign({ at: undefined }), TypeError)
})

t.test('only an Ed25519 private key can sign, and the refusal does not repeat it', async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const publicPem = createPublicKey(makeSigningKey()).export({ type: 'spki', format: 'pem' }).toString()
  const rsaPem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString()
  const message = 'The signing key must be an Ed25519 private key in PEM (PKCS #8).'
  for (const pem of ['', 'canary', publicPem, rsaPem]) {
    t.throws(() => openSigner(pem), { message })
  }
})

t.test('every new signing key is different', async (t) => {
  t.not(makeSigningKey(), makeSigningKey())
})

t.test('the signing key is created once, readable only by its owner', async (t) => {
  const folder = join(t.testdir(), 'data', 'keys')
  const path = join(folder, 'signing.pem')

  const made = await loadOrMakeSigningKey(path)
  const loaded = await loadOrMakeSigningKey(path)

  t.equal(loaded, made)
  t.equal(await readFile(path, 'utf8'), made)
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.equal((await stat(folder)).mode & 0o777, 0o700)
  t.same(await readdir(folder), ['signing.pem'], 'no draft is left behind')
  t.doesNotThrow(() => openSigner(made))
})

t.test('an existing signing key is never replaced, not even a damaged one', async (t) => {
  const path = join(t.testdir({ 'signing.pem': 'damaged' }), 'signing.pem')
  t.equal(await loadOrMakeSigningKey(path), 'damaged')
  t.equal(await readFile(path, 'utf8'), 'damaged')
})

t.test('an unreadable place of the signing key is an error, not a new key', async (t) => {
  const folder = t.testdir({ file: '' })
  await mkdir(join(folder, 'taken'))
  await t.rejects(loadOrMakeSigningKey(join(folder, 'taken')), { code: 'EISDIR' })
  await t.rejects(loadOrMakeSigningKey(join(folder, 'file', 'signing.pem')), { code: 'ENOTDIR' })
})

t.test('processes that start at the same time use one signing key', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'keys', 'signing.pem')
  const script = join(folder, 'start.mjs')
  const moduleUrl = new URL('../../../src/platform/ledger/receipts.ts', import.meta.url)
  await writeFile(
    script,
    `import { once } from 'node:events'
     import { loadOrMakeSigningKey } from '${moduleUrl}'
     process.stdout.write('ready')
     await once(process.stdin, 'end', process.stdin.resume())
     process.stdout.write(await loadOrMakeSigningKey('${path}'))`,
  )
  const processes = Array.from({ length: 6 }, () => spawn(process.execPath, [script]))
  await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')))

  const answers = processes.map(({ stdout }) => text(stdout))
  for (const { stdin } of processes) stdin.end()
  const keys = await Promise.all(answers)

  t.equal(new Set(keys).size, 1)
  t.equal(keys[0], await readFile(path, 'utf8'))
  t.doesNotThrow(() => openSigner(keys[0] ?? ''))
})

t.test('concurrent calls in one process use one signing key', async (t) => {
  const path = join(t.testdir(), 'keys', 'signing.pem')
  const keys = await Promise.all(Array.from({ length: 20 }, () => loadOrMakeSigningKey(path)))
  t.equal(new Set(keys).size, 1)
  t.same(await readdir(join(path, '..')), ['signing.pem'])
})

t.test('retired keys are read from their folder, private or public, each once', async (t) => {
  const [one, two] = [makeSigningKey(), makeSigningKey()]
  const publicPem = createPublicKey(two).export({ type: 'spki', format: 'pem' }).toString()
  const folder = t.testdir({ 'a.pem': one, 'b.pem': publicPem, 'c.pem': one, 'read.me': 'no key' })

  const keys = await loadRetiredKeys(folder)

  t.same(keys, [openSigner(one).jwk, openSigner(two).jwk])
  t.same(await loadRetiredKeys(join(folder, 'absent')), [], 'no folder, no retired keys')
  const signer = openSigner(one, keys)
  t.same(
    signer.keys.map((key) => key.kid),
    [signer.keyId, openSigner(two).keyId],
    'the present key is not listed twice',
  )
})

t.test('a file in the folder of retired keys that is not a key is an error with its name', async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  for (const pem of ['canary', rsa.export({ type: 'spki', format: 'pem' }).toString()]) {
    const folder = t.testdir({ 'broken.pem': pem })
    await t.rejects(loadRetiredKeys(folder), { message: /broken\.pem" holds no Ed25519 key in PEM\.$/ })
  }
})
