/** One process of the service: opens what it needs in order, and listens. The first one prepares the databases and prints the first steps. */
import type { FastifyInstance } from 'fastify'
import { buildApp, type Deps } from './app.ts'
import { firstOperatorToken } from './delegates/tokens/actions.ts'
import { eraseAfterRestore } from './delegates/erasure/actions.ts'
import { features } from './features.ts'
import { jobsWith } from './jobs.ts'
import { systemContext } from './platform/actions/action-context.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import { reactionsOf } from './platform/feature.ts'
import { connectDatabase, type Database } from './platform/database/database.ts'
import { cannotListen } from './platform/failures.ts'
import { startJobs } from './platform/jobs/queue.ts'
import { buildProbes } from './platform/start/probes.ts'
import { joinSupervisor } from './platform/start/membership.ts'
import type { Vault } from './platform/vault/vault.ts'
import { openDatabases } from './open-databases.ts'
import { openConfiguredSigner } from './open-signer.ts'
import { openConfiguredVault } from './open-vault.ts'

const idleSweepMs = 50

type Closers = (() => Promise<unknown>)[]
type Running = { app?: FastifyInstance }

export type Service = {
  state: Deps['state']
  /** Each closing function is added to the front, so that they run in reverse order. */
  closers: Closers
  /** Called when the database is gone for good, with a start failure that says why. */
  giveUp(failure: Error): void
}

export async function serve(config: Config, life: Service): Promise<void> {
  const { state, closers, giveUp } = life
  const membership = await joinSupervisor()
  const isFirst = !membership?.assignment.prepared
  const running: Running = {}
  const tell = (line: string) => (running.app ? running.app.log.warn(line) : console.error(line))
  const { url, keysUrl, step, stepOfKeys, forOthers } = await openDatabases(
    config,
    { closers, supervision: { tell, giveUp } },
    membership?.assignment,
  )
  const { readConnections, poolConnectionsMax } = config
  const database = await step(() => connectDatabase({ url, readConnections, poolConnectionsMax }))
  closers.unshift(() => database.close())
  const signer = await openConfiguredSigner(config)
  const { vault, store } = await stepOfKeys(() => openConfiguredVault(config, keysUrl))
  closers.unshift(() => store.close())
  // Before the first answer: a restored database must not show erased persons.
  const unerased = isFirst ? await step(() => eraseAgain(database, vault)) : []
  const onError = (err: Error) => running.app?.log.error({ err }, 'A job could not be done')
  // An api process enqueues the work of a worker.
  const work = config.role !== 'api' && (membership?.assignment.runsJobs ?? true)
  const jobs = jobsWith(vault)
  const queue = await step(() => startJobs({ url, database, clock: systemClock, jobs, work, onError }))
  closers.unshift(() => queue.stop())
  const { enqueue } = queue
  const app = await appFor({
    config,
    database,
    clock: systemClock,
    signer,
    vault,
    enqueue,
    state,
    membership,
  })
  running.app = app
  for (const err of unerased) app.log.error({ err }, 'Somebody who was erased could not be erased again')
  closers.unshift(() => closeServer(app))
  await listen(app, config)
  if (isFirst && config.role !== 'worker')
    printFirstSteps(config, await step(() => firstOperatorToken(systemContext(database, systemClock()))))
  await membership?.listens({ databases: forOthers })
}

/** What failed is returned, and does not keep the service from starting. */
async function eraseAgain(database: Database, vault: Vault): Promise<unknown[]> {
  const failures: unknown[] = []
  const context = systemContext(database, systemClock())
  await eraseAfterRestore(context, { vault, ...reactionsOf(features) }, (error) => failures.push(error))
  return failures
}

/** A worker answers only health checks. */
async function appFor(deps: Deps): Promise<FastifyInstance> {
  return deps.config.role === 'worker' ? buildProbes(deps) : buildApp(deps)
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  await app.ready()
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw cannotListen(host, port, error)
  }
}

/** A client could hold the server open with a kept-alive connection. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const sweeping = setInterval(() => app.server.closeIdleConnections(), idleSweepMs)
  await app.close()
  clearInterval(sweeping)
}

function printFirstSteps({ publicUrl }: Config, operatorToken: string | undefined): void {
  if (operatorToken) console.log(`The operator's token, shown this once: ${operatorToken}`)
  console.log(`Read the documentation: ${publicUrl}/docs`)
  console.log('The first steps:')
  console.log(
    '1. Create a coordination: npm run cli -- coordination create --name "Our coordination" --country DE --secretary "Vesna"',
  )
  console.log(
    `2. With the token that this prints, invite a union: POST ${publicUrl}/v1/invitations {"organisationId":"…"}`,
  )
  console.log(
    `3. The union registers with its secret: POST ${publicUrl}/v1/organisations {…,"invitation":"spi_…"}`,
  )
  console.log(
    `4. Verify it: GET ${publicUrl}/v1/verification-queue, then POST …/transitions {"move":"verify"}`,
  )
  console.log('See a whole story played: npm run story')
}
