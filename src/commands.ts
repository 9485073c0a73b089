/** The operator's commands, thin over the same actions that the service uses. Each loads only the modules that it needs. */
import type { Config } from './platform/start/config.ts'
import type { OpenDatabase } from './platform/database/database.ts'
import { isStartFailure } from './platform/failures.ts'

type Command = { meaning: string; run(config: Config, args: string[]): Promise<void> }

const commands: Readonly<Record<string, Command>> = {
  migrate: {
    meaning: 'bring the database to the schema of this version, and let the service in',
    run: async (config) => {
      const { migrateDatabase } = await databases()
      await migrateDatabase(config)
      console.log('The database has the schema of this version.')
      if (config.ownerDatabaseUrl && !config.ownerKeysDatabaseUrl) {
        console.log('The database of the keys was left alone: OWNER_KEYS_DATABASE_URL is not set.')
      }
    },
  },
  'operator-token': {
    meaning: "replace the operator's token; the old one stops working at once",
    run: async (config) => {
      const { printNewOperatorToken } = await import('./operator-token-command.ts')
      await withDatabase(config, printNewOperatorToken)
    },
  },
  coordination: {
    meaning:
      'create --name NAME --country CODE --secretary NAME: a verified coordination, and its first token',
    run: async (config, args) => {
      const { createCoordination, readCoordination } = await import('./coordination-command.ts')
      const coordination = readCoordination(args)
      await withDatabase(config, (database) => createCoordination(config, database, coordination))
    },
  },
  ledger: {
    meaning:
      'checkpoint: print what the ledger is now; verify --checkpoint FILE; prove --checkpoint FILE --entry ID',
    run: async (config, args) => {
      const { ledgerCommand } = await import('./ledger-command.ts')
      await withDatabase(config, (database) => ledgerCommand(config, database, args))
    },
  },
  keys: {
    meaning:
      'status; rotate: new data keys, made by the worker; rotate-root: from ROOT_KEY_PREVIOUS to ROOT_KEY',
    run: async (given, args) => {
      const { keysCommand } = await import('./keys-command.ts')
      const { withService } = await databases()
      await withService(given, (_url, config, keysUrl) => keysCommand(config, keysUrl, args))
    },
  },
}

const databases = () => import('./command-databases.ts')

async function withDatabase(config: Config, work: (database: OpenDatabase) => Promise<void>): Promise<void> {
  const { withDatabase } = await databases()
  await withDatabase(config, work)
}

/** Runs one command and returns the exit code. An error is printed as one sentence, without texts of the database. */
export async function runCommand(args: string[]): Promise<number> {
  try {
    return await run(args)
  } catch (error) {
    console.error(isStartFailure(error) ? error.message : await printed(error))
    return 1
  }
}

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    console.error(usage())
    return 1
  }
  const { readConfig } = await import('./platform/start/config.ts')
  await command.run(readConfig(), args)
  return 0
}

async function printed(error: unknown): Promise<unknown> {
  const { printable } = await import('./platform/start/logging.ts')
  return printable(error)
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { meaning }]) => `  ${name.padEnd(16)} ${meaning}`)
  return ['Usage: npm run cli -- <command>', ...lines].join('\n')
}
