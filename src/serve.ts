/** Opens what the service needs, in the order of need, listens, and says what to try. */
import type { FastifyInstance } from 'fastify'
import { buildApp, type Deps } from './app.ts'
import { firstOperatorToken } from './delegates/tokens/actions.ts'
import { eraseAgain } from './delegates/erasing/actions.ts'
import { jobsWith } from './jobs.ts'
import { openOwn } from './opening.ts'
import { systemAct } from './platform/act.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import { requireFitForService } from './platform/database-check.ts'
import { connectDatabase } from './platform/database.ts'
import { startEmbedded } from './platform/embedded.ts'
import { cannotListen, unfitRetiredKeys, unfitSigningKey } from './platform/failures.ts'
import { startJobs } from './platform/jobs.ts'
import { buildProbes } from './platform/probes.ts'
import { openTheVault } from './vault.ts'
import { loadOrMakeSigningKey, loadRetiredKeys, openSigner, type Signer } from './platform/receipts.ts'

const idleSweepMs = 50

type Closers = (() => Promise<unknown>)[]

/** Adds to the front of `closers` how to close each thing it opens, so that they are closed in the other order. */
export async function serve(config: Config, state: Deps['state'], closers: Closers): Promise<void> {
  const { url, keysUrl } = config.databaseUrl
    ? { url: await fit(config.databaseUrl), keysUrl: undefined }
    : await embedded(config, closers)
  const { readConnections, poolConnectionsMax } = config
  const database = await connectDatabase({ url, readConnections, poolConnectionsMax })
  closers.unshift(() => database.close())
  const signer = await signerOf(config)
  const { vault, store } = await openTheVault(config, keysUrl)
  closers.unshift(() => store.close())
  const running: { app?: FastifyInstance } = {}
  const onError = (err: Error) => running.app?.log.error({ err }, 'A job could not be done')
  // Before anybody is answered: a restored database must not show who was erased. The job tells of whoever still is shown.
  await eraseAgain(systemAct(database, systemClock()), vault, () => undefined)
  // An api enqueues what a worker does.
  const queue = await startJobs({
    url,
    database,
    clock: systemClock,
    jobs: jobsWith(vault),
    work: config.role !== 'api',
    onError,
  })
  closers.unshift(() => queue.stop())
  const { enqueue } = queue
  const app = await appFor({ config, database, clock: systemClock, signer, vault, enqueue, state })
  running.app = app
  closers.unshift(() => closeServer(app))
  await listen(app, config)
  if (config.role === 'worker') return
  greet(config, await firstOperatorToken(systemAct(database, systemClock())))
}

async function fit(databaseUrl: string): Promise<string> {
  await requireFitForService(databaseUrl)
  return databaseUrl
}

async function embedded({ dataFolder }: Config, closers: Closers): Promise<{ url: string; keysUrl: string }> {
  const server = await startEmbedded({ dataFolder })
  closers.unshift(server.stop)
  return { url: await openOwn(server.url), keysUrl: server.keysUrl }
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

/** A worker answers nothing but whether it is alive. */
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

/** A connection that was kept alive after its last answer would hold the server open as long as its client likes. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const sweeping = setInterval(() => app.server.closeIdleConnections(), idleSweepMs)
  await app.close()
  clearInterval(sweeping)
}

function greet({ publicUrl }: Config, operatorToken: string | undefined): void {
  const example = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Vesna' } }
  const json = "-H 'content-type: application/json'"
  if (operatorToken) console.log(`The operator's token, shown this once: ${operatorToken}`)
  console.log(`Read the documentation: ${publicUrl}/docs`)
  console.log('See a whole story played: npm run story')
  console.log(
    `Register a first union: curl -s ${publicUrl}/v1/organisations ${json} -d '${JSON.stringify(example)}'`,
  )
}
