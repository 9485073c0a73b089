/** `npm run cli -- ledger …`: prints checkpoints, verifies the ledger against one, and proves an entry. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { systemContext } from './platform/actions/action-context.ts'
import {
  makeCheckpoint,
  proveInclusion,
  verifyLedger,
  type Checkpoint,
  type Finding,
} from './platform/ledger/checkpoints.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import type { Database } from './platform/database/database.ts'
import { startFailure } from './platform/failures.ts'
import { appendLeaves } from './platform/ledger/leaves.ts'
import type { PublicJwk } from './platform/ledger/receipts.ts'
import { openConfiguredSigner } from './open-signer.ts'

const howTo =
  'Use ledger checkpoint, ledger verify --checkpoint FILE [--keys FILE], or ledger prove --checkpoint FILE --entry ID.'

/** Throws a start failure, which exits with code 1, if the ledger differs from the checkpoint. */
export async function ledgerCommand(config: Config, database: Database, args: string[]): Promise<void> {
  const { what, checkpoint: file, keys: keysFile, entry } = asked(args)
  const signer = await openConfiguredSigner(config)
  const context = systemContext(database, systemClock())
  if (what === 'checkpoint') {
    await appendLeaves(context)
    console.log(JSON.stringify(await makeCheckpoint(context.read, signer, context.now)))
    return
  }
  if (file === undefined) throw startFailure(howTo)
  const kept = await checkpointIn(file)
  if (what === 'prove' && entry !== undefined) {
    const proof = await proveInclusion(context.read, kept, entry)
    if (!proof) throw startFailure(`The checkpoint in ${file} does not contain the entry ${entry}.`)
    console.log(JSON.stringify(proof))
    return
  }
  if (what !== 'verify') throw startFailure(howTo)
  const keys = keysFile === undefined ? signer.keys : await keysIn(keysFile)
  const finding = await verifyLedger(context.read, kept, keys, context.now)
  if (finding.fault !== 'none')
    throw startFailure(`The ledger does not match the checkpoint: ${sentenceOf(finding)}`)
  console.log(
    `The ledger matches the checkpoint: ${finding.size} entries are unchanged, and ${finding.since} are newer.`,
  )
}

function asked(args: string[]) {
  const option = { type: 'string' } as const
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { checkpoint: option, keys: option, entry: option },
    })
    return { what: positionals[0], ...values }
  } catch (error) {
    throw startFailure(howTo, error)
  }
}

function sentenceOf(finding: Exclude<Finding, { fault: 'none' }>): string {
  switch (finding.fault) {
    case 'signature':
      return 'no known key has signed the checkpoint. Give the keys that you kept with it by --keys.'
    case 'file':
      return 'the hashes in the file are not the signed ones. Use another copy of it.'
    case 'changed':
      return `entry ${finding.entryId} was changed; the first bad index is ${finding.index}.`
    case 'redacted':
      return `entry ${finding.entryId} was redacted, but only entries about persons may be, after 24 months; the first bad index is ${finding.index}.`
    case 'reason':
      return `the reason beside entry ${finding.entryId} was changed; the first bad index is ${finding.index}.`
    case 'missing':
      return `entry ${finding.entryId} is missing; the first bad index is ${finding.index}.`
    case 'truncated':
      return `the newest entries are missing; the first bad index is ${finding.index}.`
    case 'planted':
      return `entry ${finding.entryId} has a date before the checkpoint, but the checkpoint does not contain it.`
  }
}

const Kept = z.object({
  checkpoint: z.object({
    alg: z.literal('EdDSA'),
    keyId: z.string(),
    payload: z.object({
      purpose: z.literal('ledger-checkpoint'),
      size: z.int().min(0),
      rootHash: z.string(),
      at: z.iso.datetime(),
    }),
    signature: z.string(),
  }),
  leaves: z.array(z.string()),
})

const Keys = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
})

const checkpointIn = (file: string): Promise<Checkpoint> => contentOf(file, Kept, 'a checkpoint')
const keysIn = async (file: string): Promise<readonly PublicJwk[]> =>
  (await contentOf(file, Keys, 'the keys of /.well-known/jwks.json')).keys

async function contentOf<Content>(file: string, schema: z.ZodType<Content>, what: string): Promise<Content> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw startFailure(`The file ${file} does not contain ${what}.`, error)
  }
}
