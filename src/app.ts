/** Assembles the service: the platform first, then each feature. */
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import packageJson from '../package.json' with { type: 'json' }
import type { Caller, Identified, Identify } from './platform/access.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import type { Database } from './platform/database/database.ts'
import { registerDocs } from './platform/contract/docs-page.ts'
import { registerFrontPage } from './platform/http/front-page.ts'
import { healthRoutes } from './platform/start/health.ts'
import { http } from './platform/http/plugin.ts'
import { joinCounts } from './platform/http/shared-counts.ts'
import { randomId } from './platform/ids.ts'
import type { Enqueue } from './platform/jobs/queue.ts'
import type { Membership } from './platform/start/membership.ts'
import { loggerOptions, type LogSink } from './platform/start/logging.ts'
import { registerContract } from './platform/contract/contract.ts'
import {
  looksSigned,
  openIdentityProvider,
  type IdentityProvider,
} from './platform/outbound/identity-provider.ts'
import { dnsResolver } from './platform/outbound/outbound.ts'
import { registerProblemPages } from './platform/http/problem-pages.ts'
import type { Signer } from './platform/ledger/receipts.ts'
import { refuseAddress, refuseBytes, refuseExpectation } from './platform/http/error-handler.ts'
import { hashOf } from './platform/secrets.ts'
import { refuseOverload } from './platform/http/overload.ts'
import { limitPipelining } from './platform/http/pipelining.ts'
import type { Vault } from './platform/vault/vault.ts'
import { portsOf, reactionsOf, type CallerFinders } from './platform/feature.ts'
import { features } from './features.ts'

export type Deps = {
  config: Config
  database: Database
  clock: Clock
  signer: Signer
  enqueue: Enqueue
  vault: Vault
  /** True while the service is stopping, so that `/readyz` turns clients away before it exits. */
  state: { stopping: boolean }
  /** For one of several processes. */
  membership?: Membership | undefined
  /** The destination of the log; default: the standard output. */
  log?: LogSink
}

const urlCharactersMax = 200

export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const { config, database, clock, vault } = deps
  const provider =
    config.oidc &&
    openIdentityProvider({
      ...config.oidc,
      clock,
      outbound: { resolve: dnsResolver(), deadline: (milliseconds) => AbortSignal.timeout(milliseconds) },
      accountSecret: (now) => vault.secretFor('accounts of the identity provider', now),
    })
  const ports = portsOf(features)
  const requestTimeout = config.requestTimeoutSeconds * 1000
  const app = Fastify({
    logger: loggerOptions(config.logLevel, deps.log),
    // Every answer contains our request id; a client's own id would let others write into our logs.
    genReqId: randomId,
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.bodyBytesMax,
    requestTimeout,
    // Longer than the limit on the request, which answers before it disconnects.
    connectionTimeout: requestTimeout * 2 + 1000,
    keepAliveTimeout: 65_000,
    http: nodeOptions(requestTimeout),
    forceCloseConnections: 'idle',
    // Requests that have arrived are still answered while the service stops.
    return503OnClosing: false,
    // Before the router and the log see it: messengers move the secret of a link into its path or query.
    rewriteUrl: ({ url = '/' }) => secretPages.find(({ isAddress }) => isAddress(url))?.path ?? url,
    frameworkErrors: refuseAddress(config.publicUrl),
    clientErrorHandler: refuseBytes(config.publicUrl),
    routerOptions: { maxParamLength: urlCharactersMax, ignoreTrailingSlash: false, caseSensitive: true },
  })
  app.server.on('checkExpectation', refuseExpectation(config.publicUrl))
  refuseOverload(app, config)
  limitPipelining(app.server)
  await app.register(http, {
    database,
    clock,
    lockAuthority: ports.lockAuthority,
    identify: identifyBy(database, clock, provider),
    publicUrl: config.publicUrl,
    quotas: config.quotas,
    counting: deps.membership && (await joinCounts(deps.membership.ask, clock)),
    corsOrigins: config.corsOrigins,
  })
  registerContract(app, {
    version: packageJson.version,
    tags: features.flatMap(({ tags }) => tags),
    generated: new URL('../openapi/', import.meta.url),
  })
  registerDocs(app)
  registerProblemPages(app)
  registerFrontPage(app, { ...config, version: packageJson.version, clock })
  healthRoutes(app, deps)

  const parts = { ...deps, provider, ports, reactions: reactionsOf(features) }
  for (const feature of features) feature.routes(app, parts)
  return app
}

const nodeOptions = (requestTimeout: number) => ({
  // Its default of one minute would replace our limit for slow bodies.
  headersTimeout: requestTimeout,
  requestTimeout,
  // How often Node checks these limits; by default every 30 seconds, however short they are.
  connectionsCheckingInterval: 1000,
  // Node would answer a missing Host with only a status; `http` says what is missing.
  requireHostHeader: false,
})

const secretPages = features.flatMap(({ secretPages = [] }) => secretPages)
const callers: readonly CallerFinders[] = features.flatMap(({ callers = {} }) => callers)
const bySecret = Object.assign({}, ...callers.map((finders) => finders.bySecret)) as NonNullable<
  CallerFinders['bySecret']
>
const byAccount = callers.flatMap((finders) => finders.byAccount ?? [])

/** The prefix chooses the feature that looks for the secret; the stored row decides. */
function identifyBy(database: Database, clock: Clock, provider: IdentityProvider | undefined): Identify {
  return async (secret, request) => {
    const asked = { database, now: clock().toISOString(), repeats: mayBeRepeated(request) }
    if (!looksSigned(secret))
      return named(await bySecret[secret.slice(0, prefixCharacters)]?.(hashOf(secret), asked), secret)
    const account = await provider?.vouch(secret)
    if (!account) return undefined
    for (const find of byAccount) {
      const caller = await find(account, asked)
      if (caller) return named(caller, account.lasting)
    }
    return undefined
  }
}

const prefixCharacters = 4

const named = (caller: Caller | undefined, lasting: string): Identified | undefined =>
  caller && { caller, lasting }

const mayBeRepeated = ({ headers, routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.idempotent === true && headers['idempotency-key'] !== undefined
