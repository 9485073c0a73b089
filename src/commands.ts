/** The operator's commands, thin over the same actions that the service uses. */
import { createCoordination, readCoordination } from './coordination-command.ts'
import { replaceOperatorToken } from './delegates/tokens/actions.ts'
import { keysCommand } from './keys-command.ts'
import { ledgerCommand } from './ledger-command.ts'
import {
  connectOwnDatabase,
  connectOwnKeys,
  provisionGivenDatabase,
  provisionGivenKeys,
  provisionOwnDatabase,
} from './provision-database.ts'
import { systemContext } from './platform/actions/action-context.ts'
import { systemClock } from './platform/clock.ts'
import { readConfig, type Config } from './platform/start/config.ts'
import { requireFitForService } from './platform/start/database-check.ts'
import { connectDatabase, type OpenDatabase } from './platform/database/database.ts'
import { runningEmbedded, startEmbedded } from './platform/embedded/embedded.ts'
import { isStartFailure, startFailure } from './platform/failures.ts'
import { printable } from './platform/start/logging.ts'

type Command = { meaning: string; run(config: Config, args: string[]): Promise<void> }

const commands: Readonly<Record<string, Command>> = {
  migrate: {
    meaning: 'update the database to the schema of this version, and give the service access',
    run: async (config) => {
      await migrateDatabase(config)
      console.log('The database has the schema of this version.')
      if (config.ownerDatabaseUrl && !config.ownerKeysDatabaseUrl) {
        console.log('The key database was not changed: OWNER_KEYS_DATABASE_URL is not set.')
      }
    },
  },
  'operator-token': {
    meaning: "replace the operator's token; the old one stops working at once",
    run: (config) =>
      withDatabase(config, async (database) => {
        console.log(await replaceOperatorToken(systemContext(database, systemClock())))
      }),
  },
  coordination: {
    meaning:
      'create --name NAME --country CODE --secretary NAME: a verified coordination, and its first token',
    run: async (config, args) => {
      const coordination = readCoordination(args)
      await withDatabase(config, (database) => createCoordination(config, database, coordination))
    },
  },
  ledger: {
    meaning:
      'checkpoint: print the present state of the ledger; verify --checkpoint FILE; prove --checkpoint FILE --entry ID',
    run: (config, args) => withDatabase(config, (database) => ledgerCommand(config, database, args)),
  },
  keys: {
    meaning:
      'status; rotate: new data keys, made by the worker; rotate-root: from ROOT_KEY_PREVIOUS to ROOT_KEY',
    run: (given, args) => withService(given, (_url, config, keysUrl) => keysCommand(config, keysUrl, args)),
  },
}

/** Runs one command and returns the exit code. An error is printed as one sentence, without texts of the database. */
export async function runCommand(args: string[]): Promise<number> {
  try {
    return await run(args)
  } catch (error) {
    console.error(isStartFailure(error) ? error.message : printable(error))
    return 1
  }
}

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    console.error(usage())
    return 1
  }
  await command.run(readConfig(), args)
  return 0
}

async function migrateDatabase(config: Config): Promise<void> {
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

async function withService(config: Config, work: Work): Promise<void> {
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

async function withDatabase(config: Config, work: (database: OpenDatabase) => Promise<void>): Promise<void> {
  await withService(config, async (url) => {
    const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
    try {
      await work(database)
    } finally {
      await database.close()
    }
  })
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { meaning }]) => `  ${name.padEnd(16)} ${meaning}`)
  return ['Usage: npm run cli -- <command>', ...lines].join('\n')
}
