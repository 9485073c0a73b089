import { createHash } from 'node:crypto'
import t from 'tap'
import { inclusionProof, leafHash, rootOf } from '../../../src/platform/ledger/merkle.ts'

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leavesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, i) => leafHash(`entry ${i}`))

/** RFC 9162, section 2.1.1, literally: split at the largest power of two below the size. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0] as Buffer
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(Buffer.of(1), rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)))
}

t.test('the Merkle root is that of RFC 9162 for every size', async (t) => {
  t.equal(leafHash('x').toString('hex'), sha256(Buffer.of(0), Buffer.from('x')).toString('hex'))
  for (let size = 0; size <= 40; size++) {
    const leaves = leavesOf(size)
    t.ok(rootOf(leaves).equals(rootByDefinition(leaves)), `${size} leaves`)
  }
})

t.test('an inclusion proof verifies for its own leaf, index and tree only', async (t) => {
  for (let size = 1; size <= 20; size++) {
    const leaves = leavesOf(size)
    const root = rootOf(leaves)
    const wrong: string[] = []
    for (const [index, leaf] of leaves.entries()) {
      const proof = inclusionProof(leaves, index)
      if (!isIncluded(leaf, { index, size, proof, root })) wrong.push(`${index} is not proved`)
      if (isIncluded(leafHash('another'), { index, size, proof, root }))
        wrong.push(`${index} with other words`)
      if (size > 1 && isIncluded(leaf, { index: (index + 1) % size, size, proof, root }))
        wrong.push(`${index} elsewhere`)
      if (isIncluded(leaf, { index, size, proof, root: rootOf(leavesOf(size + 1)) }))
        wrong.push(`${index} in another tree`)
      if (isIncluded(leaf, { index, size, proof: [...proof, root], root }))
        wrong.push(`${index} with a longer proof`)
    }
    t.same(wrong, [], `${size} leaves`)
  }
})

/** Checks that the leaf is at the index of a tree with this size and root. RFC 9162, section 2.1.3.2. */
function isIncluded(
  leaf: Buffer,
  { index, size, proof, root }: { index: number; size: number; proof: readonly Buffer[]; root: Buffer },
): boolean {
  if (index < 0 || index >= size) return false
  let [hash, at, last] = [leaf, index, size - 1]
  for (const neighbour of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = sha256(Buffer.of(1), neighbour, hash)
      // Nodes without a sibling are promoted unchanged.
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1]
    } else {
      hash = sha256(Buffer.of(1), hash, neighbour)
    }
    ;[at, last] = [at >> 1, last >> 1]
  }
  return last === 0 && hash.equals(root)
}
