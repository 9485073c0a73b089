/**
 * The service without row level security: the same statements, but no RLS context is sent and no policy is checked. Only
 * a baseline for measurements; it answers reads and runs no jobs.
 */
import { buildApp } from '../src/app.ts'
import { systemClock } from '../src/platform/clock.ts'
import { readConfig } from '../src/platform/start/config.ts'
import { connectDatabase, type Database } from '../src/platform/database/database.ts'
import { loadOrMakeSigningKey, openSigner } from '../src/platform/ledger/receipts.ts'
import { closedVault } from '../src/platform/vault/vault.ts'

const config = readConfig(process.env)
const { databaseUrl: url, readConnections, poolConnectionsMax, signingKeyFile } = config
if (!url) throw new Error('DATABASE_URL says what is read')
const opened = await connectDatabase({ url, readConnections, poolConnectionsMax })
const unguarded: Database = { ...opened, as: () => unguarded }
const app = await buildApp({
  config,
  database: unguarded,
  clock: systemClock,
  signer: openSigner(await loadOrMakeSigningKey(signingKeyFile)),
  enqueue: () => Promise.reject(new Error('Nothing is enqueued here')),
  vault: closedVault,
  state: { stopping: false },
})
await app.listen({ host: config.host, port: config.port })
process.once('SIGTERM', () => process.exit())
