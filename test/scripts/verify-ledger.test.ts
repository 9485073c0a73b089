import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { hashOfEntry, restHashOf } from '../../src/platform/ledger/leaves.ts'
import { restColumns, type ledger } from '../../src/platform/ledger/ledger.ts'
import { inclusionProof, rootOf } from '../../src/platform/ledger/merkle.ts'
import { makeSigningKey, openSigner } from '../../src/platform/ledger/receipts.ts'

type LedgerEntry = typeof ledger.$inferSelect

const script = fileURLToPath(new URL('../../scripts/verify-ledger.ts', import.meta.url))
const service = openSigner(makeSigningKey())
const impostor = openSigner(makeSigningKey())
const long = Date.now() - 800 * 86_400_000

const entryOf = (n: number, object = 'pact', at = new Date(long).toISOString()): LedgerEntry => ({
  position: n * 3 + 1,
  id: `00000000-0000-4000-8000-00000000000${n}`,
  at,
  type: `${object}.changed`,
  object,
  restHash: null,
  salt: 'c0ffee00-0000-4000-8000-000000000000',
  transactionId: '815',
  subjectId: `10000000-0000-4000-8000-00000000000${n}`,
  subjectVersion: n,
  organisationId: null,
  actorKind: 'delegate',
  actorId: null,
  mandateId: null,
  requestId: null,
  move: null,
  fromStatus: null,
  toStatus: null,
  reasonDigest: null,
  details: { fields: ['title'], '€': 1e-7, text: 'Пакт\u2028' },
})

const redacted = (entry: LedgerEntry): LedgerEntry => ({
  ...entry,
  ...Object.fromEntries(restColumns.map((column) => [column, null])),
  restHash: restHashOf(entry),
})

const entries = [0, 1, 2, 3, 4, 5, 6].map((n) => entryOf(n, n === 3 ? 'mandate' : 'pact'))

function checkpointOf(of: readonly LedgerEntry[], signer = service, purpose = 'ledger-checkpoint') {
  const hashes = of.map(hashOfEntry)
  const rootHash = rootOf(hashes).toString('base64url')
  return {
    checkpoint: signer.sign({ purpose, size: of.length, rootHash, at: '2026-11-24T10:00:00.000Z' }),
    leaves: hashes.map((hash) => hash.toString('base64url')),
  }
}

function proofOf(index: number, of = entries) {
  const proof = inclusionProof(of.map(hashOfEntry), index).map((hash) => hash.toString('base64url'))
  return { checkpoint: checkpointOf(of).checkpoint, index, entry: of[index], proof }
}

t.test(
  'the ledger verifier accepts a checkpoint, alone and as the continuation of an older one',
  async (t) => {
    const alone = await verify(t, checkpointOf(entries))
    const later = await verify(t, checkpointOf(entries), checkpointOf(entries.slice(0, 4)))

    t.same([alone.exitCode, later.exitCode], [0, 0])
    t.match(alone.stdout, /holds {2}The service signed the checkpoint in file\.json: 7 entries/)
    t.match(later.stdout, /holds {2}It begins with all 4 entries of kept\.json\./)
  },
)

t.test('every entry is proved in a ledger of any size, also a redacted entry', async (t) => {
  for (const size of [1, 2, 3, 5, 7]) {
    const of = entries.slice(0, size)
    const index = size - 1
    const { exitCode, stdout } = await verify(t, proofOf(index, of), checkpointOf(of))
    t.equal(exitCode, 0, stdout)
  }
  const proof = proofOf(3)
  const emptied = await verify(t, { ...proof, entry: redacted(entries[3] as LedgerEntry) })
  t.equal(emptied.exitCode, 0, emptied.stdout)
  t.match(emptied.stdout, /redacted after 24 months/)
})

t.test('the ledger verifier finds and names each fault', async (t) => {
  const good = checkpointOf(entries)
  const receipt = good.checkpoint
  const proof = proofOf(3)
  const young = [entryOf(0), entryOf(1, 'mandate', new Date().toISOString())]
  const mandate = entries[3] as LedgerEntry
  const faulty: Record<string, [object, RegExp, object?]> = {
    'signed by somebody else': [checkpointOf(entries, impostor), /not among the published ones/],
    'another signature’s purpose': [
      checkpointOf(entries, service, 'pact-signature'),
      /is for another purpose/,
    ],
    'a size that was not signed': [
      { ...good, checkpoint: { ...receipt, payload: { ...receipt.payload, size: 6 } } },
      /changed after it was signed/,
    ],
    'hashes that were not signed': [{ ...good, leaves: good.leaves.slice(1) }, /not those that were signed/],
    'a past of its own': [
      good,
      /they differ from index 2 on/,
      checkpointOf([...entries.slice(0, 2), entryOf(9), ...entries.slice(3)]),
    ],
    'a shorter one than before': [checkpointOf(entries.slice(0, 3)), /they differ from index 3 on/, good],
    'other words': [{ ...proof, entry: { ...mandate, toStatus: 'active' } }, /is not at index 3/],
    'another place': [{ ...proof, index: 2 }, /is not at index 2/],
    'another path': [{ ...proof, proof: proof.proof.slice(1) }, /is not at index/],
    'not in the one that was kept': [proof, /is not at that index/, checkpointOf(entries.slice(0, 3))],
    'emptied, and no person’s': [
      { ...proofOf(2), entry: redacted(entries[2] as LedgerEntry) },
      /must keep them/,
    ],
    'emptied too early': [
      { ...proofOf(1, young), entry: redacted(young[1] as LedgerEntry) },
      /must keep them/,
    ],
    'something beside the hash': [
      { ...proof, entry: { ...redacted(mandate), actorId: 'somebody' } },
      /Nothing proves what is written beside the hash: actorId/,
    ],
  }
  for (const [name, [file, fault, kept]] of Object.entries(faulty)) {
    const { exitCode, lines } = await verify(t, file, kept)
    t.equal(exitCode, 1, name)
    t.match(lines.filter((line) => line.startsWith('FAULT')).join('\n'), fault, name)
  }
})

t.test('the ledger verifier distinguishes input that it cannot check from a fault', async (t) => {
  for (const [file, sentence] of [
    [{}, /neither a checkpoint nor a proof/],
    [{ ...proofOf(1), index: 'one' }, /its "index" cannot be read/],
  ] as const) {
    const { exitCode, stderr } = await verify(t, file)
    t.equal(exitCode, 2)
    t.match(stderr, sentence)
  }
})

async function verify(t: Test, file: object, kept?: object) {
  const folder = t.testdir({
    'file.json': JSON.stringify(file),
    'jwks.json': JSON.stringify({ keys: [service.jwk] }),
    ...(kept && { 'kept.json': JSON.stringify(kept) }),
  })
  return run(folder, ['file.json', 'jwks.json', ...(kept ? ['kept.json'] : [])])
}

type Outcome = { exitCode: number; stdout: string; stderr: string; lines: string[] }

function run(folder: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd: folder }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr, lines: stdout.trimEnd().split('\n') })
    })
  })
}
