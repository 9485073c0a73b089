/** Opens the database for an operator's command: a given one, that of a running service, or the embedded one. */
import {
  connectOwnDatabase,
  connectOwnKeys,
  provisionGivenDatabase,
  provisionGivenKeys,
  provisionOwnDatabase,
} from './provision-database.ts'
import type { Config } from './platform/start/config.ts'
import { requireFitForService } from './platform/start/database-check.ts'
import { connectDatabase, type OpenDatabase } from './platform/database/database.ts'
import { runningEmbedded, startEmbedded } from './platform/embedded/embedded.ts'
import { startFailure } from './platform/failures.ts'

export async function migrateDatabase(config: Config): Promise<void> {
  const { ownerDatabaseUrl, databaseUrl, ownerKeysDatabaseUrl, keysDatabaseUrl } = config
  if (ownerKeysDatabaseUrl) await provisionGivenKeys(ownerKeysDatabaseUrl, keysDatabaseUrl)
  if (ownerDatabaseUrl) return provisionGivenDatabase(ownerDatabaseUrl, databaseUrl)
  if (databaseUrl) {
    throw startFailure(
      'Only the owner can change the tables: set OWNER_DATABASE_URL, besides DATABASE_URL with the user of the service.',
    )
  }
  await withOwnServer(config, async () => undefined)
}

/** Work with the URL of the service's database and the other settings. */
type Work = (url: string, config: Config, keysUrl?: string) => Promise<void>

export async function withService(config: Config, work: Work): Promise<void> {
  const { databaseUrl, dataFolder } = config
  if (databaseUrl) {
    await requireFitForService(databaseUrl)
    return work(databaseUrl, config)
  }
  const running = await runningEmbedded(dataFolder)
  if (!running) return withOwnServer(config, work)
  const url = await connectOwnDatabase(running.url)
  await requireFitForService(url)
  await work(url, {
    ...config,
    keysDatabaseUrl: config.keysDatabaseUrl ?? (await connectOwnKeys(running.keysUrl)),
  })
}

async function withOwnServer(config: Config, work: Work): Promise<void> {
  const server = await startEmbedded({ dataFolder: config.dataFolder })
  try {
    await work(await provisionOwnDatabase(server.url), config, server.keysUrl)
  } finally {
    await server.stop()
  }
}

export async function withDatabase(
  config: Config,
  work: (database: OpenDatabase) => Promise<void>,
): Promise<void> {
  await withService(config, async (url) => {
    const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
    try {
      await work(database)
    } finally {
      await database.close()
    }
  })
}
