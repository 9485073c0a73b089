/** Merkle trees as RFC 9162, section 2.1, makes them: a leaf and a node are hashed apart, so that neither passes for the other. */
import { createHash } from 'node:crypto'

const [leafMark, nodeMark] = [Buffer.of(0), Buffer.of(1)]

export const leafHash = (content: string): Buffer =>
  createHash('sha256').update(leafMark).update(content, 'utf8').digest()

const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(nodeMark).update(left).update(right).digest()

export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  let level = leaves
  // A last one without a neighbour goes up as it is.
  while (level.length > 1) level = pairs(level).map(([left, right]) => (right ? nodeHash(left, right) : left))
  return level[0] as Buffer
}

const pairs = (level: readonly Buffer[]): [Buffer, Buffer?][] =>
  Array.from(
    { length: Math.ceil(level.length / 2) },
    (_, i) => level.slice(i * 2, i * 2 + 2) as [Buffer, Buffer?],
  )

/** What one leaf needs to reach the root, from the bottom up. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  const proof: Buffer[] = []
  let [level, at] = [leaves, index]
  while (level.length > 1) {
    const neighbour = level[at ^ 1]
    if (neighbour) proof.push(neighbour)
    level = pairs(level).map(([left, right]) => (right ? nodeHash(left, right) : left))
    at >>= 1
  }
  return proof
}
