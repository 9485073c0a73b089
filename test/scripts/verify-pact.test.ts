import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { digestOf } from '../../src/platform/wire/canonical-json.ts'
import { makeSigningKey, openSigner } from '../../src/platform/ledger/receipts.ts'

const script = fileURLToPath(new URL('../../scripts/verify-pact.ts', import.meta.url))
const service = openSigner(makeSigningKey())
const impostor = openSigner(makeSigningKey())

const parties = {
  icog: { name: 'ICOG', signedAt: '2020-10-23T07:00:00Z' },
  minsk: { name: 'Strike committee', signedAt: '2020-10-24T07:00:00Z' },
}

// Deliberately awkward values: the script's canonical JSON must agree with ours on all of them.
const content = {
  title: 'Пакт салідарнасці',
  texts: { be: 'Мы «разам»\u2028\n', en: 'We "together" \\ \u007f\u0001', '€': 1, '\r': 2, '😀': 3, דּ: 4 },
  commitments: [{ kind: 'protest', withinHours: 72, share: 1e-7, sum: 1e21, balance: -0 }],
  term: null,
  renewed: [],
  open: true,
}

t.test('the verifier accepts a pact that both parties signed', async (t) => {
  const { exitCode, lines } = await verify(t, verification())
  t.equal(exitCode, 0)
  t.same(lines, [
    `holds  The text has the digest that is stated: ${digestOf(content)}.`,
    'holds  Organisation org-icog, shown as ICOG, signed this text at 2020-10-23T07:00:00Z.',
    'holds  Organisation org-minsk, shown as Strike committee, signed this text at 2020-10-24T07:00:00Z.',
    'holds  Signatures: 2. By the word of the service, every party has signed.',
  ])
})

t.test('the verifier accepts the signatures of a pact that is still being signed', async (t) => {
  const { exitCode, lines } = await verify(t, {
    ...verification(),
    signatures: [signatureOf('icog')],
    complete: false,
  })
  t.equal(exitCode, 0)
  t.equal(lines.at(-1), 'holds  Signatures so far: 1. Others are still to come.')
})

t.test('the pact verifier finds and names each fault', async (t) => {
  const good = verification()
  const icog = signatureOf('icog')
  const minsk = signatureOf('minsk')
  const changedText = { ...good.proposal, content: { ...content, title: 'Another pact' } }
  const flipped = icog.receipt.signature.startsWith('A') ? 'B' : 'A'
  const faulty: Record<string, [object, RegExp]> = {
    'changed text': [{ ...good, proposal: changedText }, /The text was changed/],
    'changed text with its own digest': [
      { ...good, proposal: { ...changedText, contentDigest: digestOf(changedText.content) } },
      /org-icog.+the receipt is for another text/,
    ],
    'changed digest': [
      { ...good, proposal: { ...good.proposal, contentDigest: '0'.repeat(64) } },
      /The text was changed/,
    ],
    'changed signature': [
      withReceipt(good, { ...icog.receipt, signature: flipped + icog.receipt.signature.slice(1) }),
      /org-icog.+the receipt was changed after it was signed/,
    ],
    'changed payload': [
      withReceipt(good, { ...icog.receipt, payload: { ...icog.receipt.payload, mandateId: 'stolen' } }),
      /org-icog.+the receipt was changed after it was signed/,
    ],
    'unknown algorithm': [withReceipt(good, { ...icog.receipt, alg: 'none' }), /unknown signature algorithm/],
    'unknown key': [
      withReceipt(good, impostor.sign(icog.receipt.payload)),
      /org-icog.+a key that is not among the published ones/,
    ],
    'a foreign key under our name': [
      withReceipt(good, { ...impostor.sign(icog.receipt.payload), keyId: service.keyId }),
      /org-icog.+the receipt was changed after it was signed/,
    ],
    'receipt of another pact': [withPayload(good, { pactId: 'pact-2' }), /the receipt is for another pact/],
    'receipt of another proposal': [
      withPayload(good, { proposalId: 'old' }),
      /the receipt is for another proposal/,
    ],
    'receipt for another text': [
      withPayload(good, { contentDigest: digestOf({}) }),
      /the receipt is for another text/,
    ],
    'receipt with another purpose': [
      withPayload(good, { purpose: 'co-signature' }),
      /not for the signature of a pact/,
    ],
    'receipt of an organisation not shown': [
      withPayload(good, { organisationId: 'org-other' }),
      /the receipt names another organisation/,
    ],
    'a time that the receipt does not name': [
      withPayload(good, { signedAt: '2021-01-01T00:00:00Z' }),
      /the receipt names another time/,
    ],
    'two receipts of one organisation': [
      { ...good, signatures: [icog, { ...icog, id: 'again' }] },
      /org-icog.+this organisation is counted a second time/,
    ],
    'one signature called complete': [{ ...good, signatures: [minsk] }, /a pact has at least two/],
    'no signature': [{ ...good, signatures: [] }, /Nobody has signed/],
  }
  for (const [name, [changed, fault]] of Object.entries(faulty)) {
    t.test(name, async (t) => {
      const { exitCode, lines } = await verify(t, changed)
      t.equal(exitCode, 1)
      t.match(lines.filter((line) => line.startsWith('FAULT')).join('\n'), fault)
    })
  }
})

t.test('the verifier accepts the right signature beside a faulty one', async (t) => {
  const { lines } = await verify(t, withPayload(verification(), { pactId: 'pact-2' }))
  t.same(
    lines.map((line) => line.slice(0, 5)),
    ['holds', 'FAULT', 'holds', 'holds'],
  )
})

t.test('the verifier reports all faults of one signature', async (t) => {
  const changed = withPayload(verification(), { pactId: 'pact-2', organisationId: 'org-other' })
  const { lines } = await verify(t, changed)
  t.match(lines[1], /another pact; the receipt names another organisation/)
})

t.test('the verifier ignores keys of other kinds in the key set', async (t) => {
  const keys = [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, impostor.jwk, service.jwk]
  t.equal((await verify(t, verification(), { jwks: { keys } })).exitCode, 0)
})

t.test('the verifier accepts no retired key that is no longer published', async (t) => {
  t.equal((await verify(t, verification(), { jwks: { keys: [impostor.jwk] } })).exitCode, 1)
})

t.test('the verifier compares one’s own copy, as a whole proposal or its content alone', async (t) => {
  const proposal = { id: 'proposal-1', number: 1, contentDigest: 'stated', content }
  for (const kept of [proposal, content]) {
    const { exitCode, lines } = await verify(t, verification(), { proposal: kept })
    t.equal(exitCode, 0)
    t.equal(lines[1], 'holds  Your own copy has the same text.')
  }
  const { exitCode, lines } = await verify(t, verification(), { proposal: { ...content, open: false } })
  t.equal(exitCode, 1)
  t.match(lines[1], /^FAULT {2}Your own copy has another text/)
})

t.test('a name with control characters cannot fake the verifier’s verdict', async (t) => {
  const good = verification()
  const painted = { ...signatureOf('icog'), party: { id: 'org-icog', name: '\u001b[2K\rholds\n\u202eX' } }
  const { stdout } = await verify(t, { ...good, signatures: [painted, signatureOf('minsk')] })
  t.notMatch(stdout, /[\u001b\r\u202e]/)
  t.equal(stdout.trim().split('\n').length, 4)
})

t.test('the verifier reports input that it cannot check in one sentence, with exit code 2', async (t) => {
  const folder = t.testdir({
    'good.json': JSON.stringify(verification()),
    'jwks.json': JSON.stringify({ keys: [service.jwk] }),
    'broken.json': '{ "canary": ',
    'list.json': '[]',
    'empty.json': '{}',
    'surrogate.json': JSON.stringify(verification()).replace('"open":true', '"open":"\\ud800"'),
    'huge.json': JSON.stringify(verification()).replace('"open":true', '"open":1e400'),
    'bad-key.json': JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'short' }] }),
  })
  const cases: Record<string, [string[], RegExp]> = {
    'no arguments': [[], /^Usage: /],
    'one argument': [['good.json'], /^Usage: /],
    'too many arguments': [['good.json', 'jwks.json', 'good.json', 'good.json'], /^Usage: /],
    'a missing file': [['missing.json', 'jwks.json'], /^The file missing\.json is missing/],
    'a missing key set': [['good.json', 'missing.json'], /^The file missing\.json is missing/],
    'a missing copy': [['good.json', 'jwks.json', 'missing.json'], /^The file missing\.json is missing/],
    'no JSON': [['broken.json', 'jwks.json'], /^The file broken\.json holds no JSON object\.$/],
    'no JSON object': [['list.json', 'jwks.json'], /^The file list\.json holds no JSON object\.$/],
    'something else': [['empty.json', 'jwks.json'], /^empty\.json is not the verification of a pact: /],
    'no key set': [['good.json', 'empty.json'], /^empty\.json is not a set of public keys \(JWKS\)\.$/],
    'a broken key': [['good.json', 'bad-key.json'], /^bad-key\.json is not a set of public keys \(JWKS\)\.$/],
    'broken Unicode': [['surrogate.json', 'jwks.json'], /^A file holds broken Unicode/],
    'a number too large': [['huge.json', 'jwks.json'], /^A file holds .+ a number that is too large\.$/],
  }
  for (const [name, [args, sentence]] of Object.entries(cases)) {
    t.test(name, async (t) => {
      const { exitCode, stdout, stderr } = await run(folder, args)
      t.equal(exitCode, 2)
      t.equal(stdout, '')
      t.match(stderr.trim(), sentence)
      t.notMatch(stderr, 'canary')
    })
  }
})

function verification() {
  return {
    pactId: 'pact-1',
    proposal: { id: 'proposal-1', number: 1, contentDigest: digestOf(content), content },
    signatures: [signatureOf('icog'), signatureOf('minsk')],
    complete: true,
  }
}

function signatureOf(party: keyof typeof parties) {
  const { name, signedAt } = parties[party]
  const organisationId = `org-${party}`
  return {
    id: `signature-${party}`,
    party: { id: organisationId, name, url: `/v1/organisations/${organisationId}` },
    signedAt,
    receipt: service.sign({
      purpose: 'pact-signature',
      pactId: 'pact-1',
      proposalId: 'proposal-1',
      contentDigest: digestOf(content),
      organisationId,
      mandateId: `mandate-${party}`,
      signedAt,
    }),
  }
}

type Verification = ReturnType<typeof verification>

/** The verification with another receipt in its first signature. */
function withReceipt({ signatures: [first, ...others], ...rest }: Verification, receipt: object) {
  return { ...rest, signatures: [{ ...first, receipt }, ...others] }
}

/** The verification with a genuine receipt of the service in its first signature that says something else. */
function withPayload(verification: Verification, changes: object) {
  return withReceipt(verification, service.sign({ ...signatureOf('icog').receipt.payload, ...changes }))
}

async function verify(t: Test, verification: object, others: { jwks?: object; proposal?: object } = {}) {
  const { jwks = { keys: [service.jwk] }, proposal } = others
  const folder = t.testdir({
    'verification.json': JSON.stringify(verification),
    'jwks.json': JSON.stringify(jwks),
    ...(proposal && { 'proposal.json': JSON.stringify(proposal) }),
  })
  return run(folder, ['verification.json', 'jwks.json', ...(proposal ? ['proposal.json'] : [])])
}

type Outcome = { exitCode: number; stdout: string; stderr: string; lines: string[] }

function run(folder: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd: folder }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr, lines: stdout.trimEnd().split('\n') })
    })
  })
}
