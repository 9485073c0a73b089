/** The operator's commands, thin over the same actions that the service uses: `npm run cli -- <command>`. */
import { replaceOperatorToken } from './delegates/tokens/actions.ts'
import { jobs } from './jobs.ts'
import { systemAct } from './platform/act.ts'
import { systemClock } from './platform/clock.ts'
import { readConfig } from './platform/config.ts'
import { requireUsableDatabase } from './platform/database-check.ts'
import { connectDatabase } from './platform/database.ts'
import { startEmbedded } from './platform/embedded.ts'
import { isStartFailure } from './platform/failures.ts'
import { migrate } from './platform/migrate.ts'

type Command = { meaning: string; run(url: string): Promise<void> }

const commands: Readonly<Record<string, Command>> = {
  migrate: {
    meaning: 'bring the database to the schema of this version',
    run: async () => console.log('The database has the schema of this version.'),
  },
  'operator-token': {
    meaning: "replace the operator's token; the old one stops working at once",
    run: async (url) => {
      const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
      try {
        console.log(await replaceOperatorToken(systemAct(database, systemClock())))
      } finally {
        await database.close()
      }
    },
  },
}

try {
  process.exitCode = await main(process.argv[2])
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

async function main(name = ''): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    console.error(usage())
    return 1
  }
  const { databaseUrl, dataFolder } = readConfig()
  const server = databaseUrl ? await givenServer(databaseUrl) : await startEmbedded({ dataFolder })
  try {
    await migrate(server.url, jobs)
    await command.run(server.url)
    return 0
  } finally {
    await server.stop()
  }
}

async function givenServer(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  await requireUsableDatabase(url)
  return { url, stop: async () => undefined }
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { meaning }]) => `  ${name.padEnd(16)} ${meaning}`)
  return ['Usage: npm run cli -- <command>', ...lines].join('\n')
}
