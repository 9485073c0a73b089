/** Opens what the service needs in order, listens, and prints the first steps. */
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { buildApp, type Deps } from './app.ts'
import { firstOperatorToken } from './delegates/tokens/actions.ts'
import { eraseAfterRestore } from './delegates/erasure/actions.ts'
import { features } from './features.ts'
import { jobsWith } from './jobs.ts'
import { provisionOwnDatabase } from './provision-database.ts'
import { systemContext } from './platform/actions/action-context.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import { requireFitForService } from './platform/start/database-check.ts'
import { reactionsOf } from './platform/feature.ts'
import { connectDatabase } from './platform/database/database.ts'
import { startEmbedded, type Embedded } from './platform/embedded/embedded.ts'
import { cannotListen, unfitRetiredKeys, unfitSigningKey } from './platform/failures.ts'
import { startJobs } from './platform/jobs/queue.ts'
import { buildProbes } from './platform/start/probes.ts'
import { isUnavailable } from './platform/database/sqlstate.ts'
import { openConfiguredVault } from './open-vault.ts'
import { loadOrMakeSigningKey, loadRetiredKeys, openSigner, type Signer } from './platform/ledger/receipts.ts'

const idleSweepMs = 50
const stepAttemptsMax = 10
const stepPauseMs = 500

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
  const { state, closers } = life
  const running: Running = {}
  const { url, keysUrl, step } = config.databaseUrl
    ? { url: await fit(config.databaseUrl), keysUrl: undefined, step: once }
    : await embedded(config, life, running)
  const { readConnections, poolConnectionsMax } = config
  const database = await step(() => connectDatabase({ url, readConnections, poolConnectionsMax }))
  closers.unshift(() => database.close())
  const signer = await signerOf(config)
  const stepOfKeys = config.keysDatabaseUrl ? once : step
  const { vault, store } = await stepOfKeys(() => openConfiguredVault(config, keysUrl))
  closers.unshift(() => store.close())
  // Before the first answer: a restored database must not show erased persons.
  const unerased = await step(async () => {
    const failures: unknown[] = []
    const context = systemContext(database, systemClock())
    await eraseAfterRestore(context, { vault, ...reactionsOf(features) }, (error) => failures.push(error))
    return failures
  })
  const onError = (err: Error) => running.app?.log.error({ err }, 'A job could not be done')
  // An api process enqueues the work of a worker.
  const work = config.role !== 'api'
  const jobs = jobsWith(vault)
  const queue = await step(() => startJobs({ url, database, clock: systemClock, jobs, work, onError }))
  closers.unshift(() => queue.stop())
  const { enqueue } = queue
  const app = await appFor({ config, database, clock: systemClock, signer, vault, enqueue, state })
  running.app = app
  for (const err of unerased) app.log.error({ err }, 'Somebody who was erased could not be erased again')
  closers.unshift(() => closeServer(app))
  await listen(app, config)
  if (config.role === 'worker') return
  printFirstSteps(config, await step(() => firstOperatorToken(systemContext(database, systemClock()))))
}

/** Runs a step of the start. Each step can be repeated. */
type Step = <Result>(work: () => Promise<Result>) => Promise<Result>

const once: Step = (work) => work()

/** Repeats steps that a crash of the embedded server interrupted, after its restart. */
const despiteTheEndOf =
  (server: Embedded): Step =>
  async (work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt === stepAttemptsMax || !isUnavailable(error)) throw error
        await pause(stepPauseMs)
        await server.answers()
      }
    }
  }

async function fit(databaseUrl: string): Promise<string> {
  await requireFitForService(databaseUrl)
  return databaseUrl
}

async function embedded({ dataFolder }: Config, { closers, giveUp }: Service, running: Running) {
  const tell = (line: string) => (running.app ? running.app.log.warn(line) : console.error(line))
  const server = await startEmbedded({ dataFolder, supervision: { tell, giveUp } })
  closers.unshift(() => server.stop())
  const step = despiteTheEndOf(server)
  return { url: await step(() => provisionOwnDatabase(server.url)), keysUrl: server.keysUrl, step }
}

export async function signerOf({ signingKeyFile, retiredKeysFolder }: Config): Promise<Signer> {
  const retired = await loadRetiredKeys(retiredKeysFolder).catch((error: unknown) => {
    throw unfitRetiredKeys(retiredKeysFolder, error)
  })
  try {
    return openSigner(await loadOrMakeSigningKey(signingKeyFile), retired)
  } catch (error) {
    throw unfitSigningKey(signingKeyFile, error)
  }
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
