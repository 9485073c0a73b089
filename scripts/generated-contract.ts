/** The contract of the app, made without a database: routes are only described, none is called. */
import { generateKeyPairSync } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/platform/start/config.ts'
import type { Database, Db } from '../src/platform/database/database.ts'
import type { OpenApiDocument } from '../src/platform/contract/document.ts'
import { openSigner } from '../src/platform/ledger/receipts.ts'
import { closedVault } from '../src/platform/vault/vault.ts'

export async function generatedContract(): Promise<OpenApiDocument> {
  const app = await appWithoutDatabase()
  const contract = app.contract()
  await app.close()
  return contract
}

export async function appWithoutDatabase(): Promise<FastifyInstance> {
  const app = await buildApp({
    config: readConfig({}),
    database: nowhere,
    clock: () => new Date(),
    signer: openSigner(passingKey()),
    vault: closedVault,
    enqueue: () => Promise.reject(new Error('There is no queue behind the contract.')),
    state: { stopping: false },
  })
  await app.ready()
  return app
}

const nowhere: Database = {
  read: {} as Db,
  transaction: () => Promise.reject(new Error('There is no database behind the contract.')),
  as: () => nowhere,
}

function passingKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
