/** The embedded PostgreSQL as the service runs it: supervised, and with enough connections for all its processes. */
import { connectionsOfProcess } from '../database/connection-counts.ts'
import type { Config } from '../start/config.ts'
import type { Supervision } from '../start/supervision.ts'
import { startEmbedded, type Embedded } from './embedded.ts'

/** PostgreSQL's own default. */
const connectionsMin = 100
/** For commands of the operator, preparing, the owner's lock and PostgreSQL's reserve. */
const connectionsBeside = 20

type Life = { closers: (() => Promise<unknown>)[]; supervision: Supervision }

export async function startOwnServer(config: Config, { closers, supervision }: Life): Promise<Embedded> {
  const ofAll = config.processes * connectionsOfProcess(config)
  const connectionsMax = Math.max(connectionsMin, ofAll + connectionsBeside)
  const server = await startEmbedded({ dataFolder: config.dataFolder, connectionsMax, supervision })
  closers.unshift(() => server.stop())
  return server
}
