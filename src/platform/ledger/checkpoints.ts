/**
 * A checkpoint says what the ledger was: how many entries, the root of their Merkle tree, signed. Kept by others, with the
 * hashes of the leaves, it names the first entry that was changed, taken away, put in or stamped anew since then, even by
 * somebody who is superuser of the database and holds the signing key.
 */
import { minutesAfter } from '../clock.ts'
import type { Db } from '../database/database.ts'
import { restColumns } from './ledger.ts'
import { hashOfEntry, backdatedEntries, leavesFrom } from './leaves.ts'
import { isRedactable } from './objects.ts'
import { reasonDigestOf } from './reasons.ts'
import { inclusionProof, rootOf } from './merkle.ts'
import { verifyReceipt, type PublicJwk, type Receipt, type Signer } from './receipts.ts'

export type CheckpointPayload = {
  purpose: 'ledger-checkpoint'
  size: number
  /** base64url of the Merkle tree's root, RFC 9162. */
  rootHash: string
  at: string
}

/** What is kept elsewhere. The hashes tell nothing of what they are of: each covers an id of 74 random bits. */
export type Checkpoint = {
  checkpoint: Receipt<CheckpointPayload>
  /** base64url of each leaf's hash, in order. */
  leaves: string[]
}

export type Finding =
  | { fault: 'none'; size: number; since: number }
  | { fault: 'signature' | 'file' }
  | { fault: 'changed' | 'missing' | 'redacted' | 'reason'; index: number; entryId: string }
  | { fault: 'truncated'; index: number }
  | { fault: 'planted'; entryId: string }

const batch = 2000
/** Between the instant of a request and the end of its transaction lies less. */
const graceMinutes = 5

export async function makeCheckpoint(db: Db, signer: Signer, at: string): Promise<Checkpoint> {
  const leaves: Buffer[] = []
  for await (const { hash } of everyLeaf(db)) leaves.push(hash)
  const rootHash = rootOf(leaves).toString('base64url')
  return {
    checkpoint: signer.sign({ purpose: 'ledger-checkpoint', size: leaves.length, rootHash, at }),
    leaves: leaves.map((hash) => hash.toString('base64url')),
  }
}

/** Compares the ledger as it stands with a checkpoint that somebody kept; `keys` are those they kept with it. */
export async function verifyLedger(
  db: Db,
  { checkpoint, leaves }: Checkpoint,
  keys: readonly PublicJwk[],
  now: string,
): Promise<Finding> {
  const { payload } = checkpoint
  if (payload.purpose !== 'ledger-checkpoint' || !verifyReceipt(checkpoint, { keys }).ok)
    return { fault: 'signature' }
  const kept = leaves.map((leaf) => Buffer.from(leaf, 'base64url'))
  if (kept.length !== payload.size || rootOf(kept).toString('base64url') !== payload.rootHash)
    return { fault: 'file' }

  let count = 0
  for await (const leaf of everyLeaf(db)) {
    const { index, entryId } = leaf
    if (index !== count) break
    const expected = kept[count]
    const fault = expected && faultOf(leaf, expected, now)
    if (fault) return { fault, index, entryId }
    count++
  }
  if (count < kept.length) return { fault: 'truncated', index: count }
  const [planted] = await backdatedEntries(db, minutesAfter(payload.at, -graceMinutes), kept.length)
  if (planted) return { fault: 'planted', entryId: planted.id }
  return { fault: 'none', size: kept.length, since: count - kept.length }
}

type Leaf = Awaited<ReturnType<typeof leavesFrom>>[number]

function faultOf({ entry, reason }: Leaf, expected: Buffer, now: string) {
  if (!entry) return 'missing'
  if (!hashOfEntry(entry).equals(expected)) return 'changed'
  if (entry.restHash === null)
    return reason && reasonDigestOf(reason) !== entry.reasonDigest ? 'reason' : undefined
  // Nothing vouches for what stands beside the hash.
  if (restColumns.some((column) => entry[column] !== null)) return 'changed'
  return isRedactable(entry, now) ? undefined : 'redacted'
}

/** That the entry stands in the checkpoint, for somebody who has no more of it than its root. */
export async function proveInclusion(db: Db, { checkpoint, leaves }: Checkpoint, entryId: string) {
  const kept = leaves.map((leaf) => Buffer.from(leaf, 'base64url'))
  for await (const leaf of everyLeaf(db)) {
    if (leaf.index >= kept.length) return undefined
    if (leaf.entryId !== entryId || !leaf.entry) continue
    const proof = inclusionProof(kept, leaf.index).map((hash) => hash.toString('base64url'))
    return { checkpoint, index: leaf.index, entry: leaf.entry, proof }
  }
  return undefined
}

async function* everyLeaf(db: Db) {
  for (let from = 0; ;) {
    const leaves = await leavesFrom(db, from, batch)
    yield* leaves
    const last = leaves.at(-1)
    if (!last || leaves.length < batch) return
    from = last.index + 1
  }
}
