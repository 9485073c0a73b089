/** The supervisor of several processes: it has the embedded PostgreSQL and counts for all, and answers no request. */
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import { startOwnServer } from './platform/embedded/own-server.ts'
import { windowsOf } from './platform/http/limits.ts'
import { countForAll } from './platform/http/shared-counts.ts'
import { openProcesses } from './platform/start/processes.ts'
import type { Service } from './serve.ts'

export async function serveMany(config: Config, { closers, giveUp }: Service): Promise<void> {
  const supervision = { tell: (line: string) => console.error(line), giveUp }
  const owned = config.databaseUrl ? undefined : await startOwnServer(config, { closers, supervision })
  const processes = openProcesses({
    count: config.processes,
    owned: owned && { url: owned.url, keysUrl: owned.keysUrl },
    supervision,
    answer: countForAll({
      windows: windowsOf(config.quotas),
      processes: config.processes,
      clock: systemClock,
    }),
  })
  closers.unshift(processes.stop)
  await processes.start()
}
