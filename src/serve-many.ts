/** The supervisor of several processes: it has the embedded PostgreSQL and counts for all, and answers no request. */
import type { Config } from './platform/start/config.ts'
import { startOwnServer } from './platform/embedded/own-server.ts'
import { openProcesses } from './platform/start/processes.ts'
import type { Service } from './serve.ts'

export async function serveMany(config: Config, { closers, giveUp }: Service): Promise<void> {
  const supervision = { tell: (line: string) => console.error(line), giveUp }
  const owned = config.databaseUrl ? undefined : await startOwnServer(config, { closers, supervision })
  const processes = openProcesses({
    count: config.processes,
    owned: owned && { url: owned.url, keysUrl: owned.keysUrl },
    supervision,
    answer: (question) => Promise.reject(new Error(`unknown question: ${question}`)),
  })
  closers.unshift(processes.stop)
  await processes.start()
}
