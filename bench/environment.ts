/** What the measured service is given: a copy of the seeded database, and keys of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { provisionOwnDatabase, provisionOwnKeys } from '../src/provision-database.ts'
import { newKey } from '../src/platform/vault/cipher.ts'
import { onCopy, openDatabase, type BenchDatabase } from './database.ts'
import type { Server } from './service.ts'
import type { Ask } from './work.ts'

export type Environment = Record<string, string> & { DATABASE_URL: string }

/** A login for this benchmark only, because a given server may hold other databases of the service. */
const loginName = 'solidarity_pact_bench'

export async function withKeysFolder<T>(work: (keysFolder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-bench-keys-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const environmentOn = async (database: BenchDatabase, keysFolder: string): Promise<Environment> => ({
  DATABASE_URL: await provisionOwnDatabase(database.url, loginName),
  KEYS_DATABASE_URL: await provisionOwnKeys(database.keysUrl, `${loginName}_keyholder`),
  ROOT_KEY: newKey().toString('hex'),
  DATA_FOLDER: keysFolder,
})

/** Runs the work on a copy of the database, by its owner and with the environment of a service. */
export const onCopyFor = <T>(
  database: BenchDatabase,
  environment: Environment,
  work: (ownerUrl: string, environment: Environment) => Promise<T>,
): Promise<T> =>
  onCopy(database.url, async (ownerUrl) => {
    const url = await provisionOwnDatabase(ownerUrl, loginName)
    return work(ownerUrl, { ...environment, DATABASE_URL: url })
  })

export function withSeededCopy(work: (ownerUrl: string, environment: Environment) => Promise<void>) {
  return withKeysFolder(async (keysFolder) => {
    const database = await openDatabase()
    try {
      await onCopyFor(database, await environmentOn(database, keysFolder), work)
    } finally {
      await database.stop()
    }
  })
}

export const askerOf =
  ({ port }: Server): Ask =>
  async ({ path, ...request }) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, request)
    const text = await answer.text()
    const body = text === '' ? null : (JSON.parse(text) as unknown)
    return { status: answer.status, headers: answer.headers, body }
  }
