/**
 * The manifest of a feature, in `feature.ts` of its folder. `src/features.ts` lists the features once; the app, the
 * jobs, migrating and the vault are loops over that list.
 */
import { declareAccess, type Caller, type Power, type Scope } from './access.ts'
import type { LockAuthority } from './actions/action-context.ts'
import type { Clock } from './clock.ts'
import type { Chapter } from './contract/document.ts'
import type { Database } from './database/database.ts'
import type { App } from './http/app.ts'
import type { Enqueue, Job } from './jobs/queue.ts'
import { declareLedgerObjects, type LedgerObject, type Retention } from './ledger/objects.ts'
import type { Signer } from './ledger/receipts.ts'
import type { IdentityProvider, VerifiedAccount } from './outbound/identity-provider.ts'
import type { Config } from './start/config.ts'
import type { EncryptedTable } from './vault/subjects.ts'
import type { Vault } from './vault/vault.ts'

export type Feature = {
  /** Its folder. */
  readonly name: string
  /** Its chapters of the contract, in reading order for a newcomer. */
  readonly tags: readonly Chapter[]
  /** Registers its routes, and those of its subfolders. */
  routes(app: App, parts: Parts): void
  jobs?(parts: JobParts): readonly Job[]
  /** The scopes and powers that it adds. */
  readonly scopes?: readonly Scope[]
  readonly powers?: readonly Power[]
  /** The objects of its ledger entries, and how long these stay readable. */
  readonly ledgerObjects?: Partial<Record<LedgerObject, Retention>>
  /** Tables that anonymous callers may read; the policies decide which rows. */
  readonly publicTables?: readonly string[]
  readonly encryptedTables?: readonly EncryptedTable[]
  /** Finds callers by the secrets or accounts that it stores. */
  readonly callers?: CallerFinders
  /** Pages whose address may contain a secret instead of a fragment. They are served and logged without it. */
  readonly secretPages?: readonly SecretPage[]
  /** Ports that it needs from features to its right, and ports that it supplies to features on its left. */
  readonly needs?: readonly (keyof Ports)[]
  readonly supplies?: Partial<Ports>
  /** Events in it to which other features react, and its own reactions to theirs. */
  readonly raises?: readonly (keyof Reactions)[]
  readonly reactions?: { readonly [Name in keyof Reactions]?: readonly Reactions[Name][] }
}

/** The feature that needs a port declares its type here, by declaration merging in its `feature.ts`. */
export interface Ports {
  /** The platform's own need. */
  lockAuthority: LockAuthority
}

/** The feature that raises an event declares its reaction type here. Reactions run in the same transaction. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- nothing happens in the platform
export interface Reactions {}

export type AllReactions = { readonly [Name in keyof Reactions]: readonly Reactions[Name][] }

/** The arguments of a feature's jobs. */
export type JobParts = { readonly vault: Vault; readonly reactions: AllReactions }

/** The arguments of a feature's routes. */
export type Parts = JobParts & {
  readonly config: Config
  readonly database: Database
  readonly clock: Clock
  readonly signer: Signer
  readonly enqueue: Enqueue
  readonly provider: IdentityProvider | undefined
  readonly ports: Ports
}

export type CallerFinders = {
  /** By the prefix of the secret. */
  readonly bySecret?: Readonly<Record<string, (hash: Buffer, asked: Asked) => Promise<Caller | undefined>>>
  readonly byAccount?: (account: VerifiedAccount, asked: Asked) => Promise<Caller | undefined>
}

/** `repeats`: the request has an Idempotency-Key, so it may repeat an earlier one. */
export type Asked = { readonly database: Database; readonly now: string; readonly repeats: boolean }

export type SecretPage = { readonly path: `/${string}`; isAddress(url: string): boolean }

/** Registers scopes, powers and ledger objects, which schemas and tables name. */
export function declared(...features: readonly Feature[]): readonly Feature[] {
  declareAccess(
    features.flatMap(({ powers = [] }) => powers),
    features.flatMap(({ scopes = [] }) => scopes),
  )
  for (const { ledgerObjects = {} } of features) declareLedgerObjects(ledgerObjects)
  return features
}

/** Throws for a port that a feature needs and none to its right supplies. */
export function portsOf(features: readonly Feature[]): Ports {
  for (const [place, { name, needs = [] }] of features.entries())
    for (const port of needs)
      if (!features.slice(place + 1).some(({ supplies = {} }) => port in supplies))
        throw new Error(`The feature ${name} needs ${port}, which no feature to its right supplies`)
  return Object.assign({}, ...features.map(({ supplies }) => supplies)) as Ports
}

/**
 * The rightmost feature reacts first: dependent things end before the things they depend on, and locks are taken in
 * the same order as by requests, which begin at the right too.
 */
export function reactionsOf(features: readonly Feature[]): AllReactions {
  const rightmostFirst = features.toReversed()
  const names = features.flatMap(({ raises = [] }) => raises)
  return Object.fromEntries(
    names.map((name) => [name, rightmostFirst.flatMap<unknown>(({ reactions }) => reactions?.[name] ?? [])]),
  ) as unknown as AllReactions
}
