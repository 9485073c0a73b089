/** Puts the house together: the platform first, then one line for each feature. */
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import packageJson from '../package.json' with { type: 'json' }
import type { Caller, Identified, Identify } from './platform/access.ts'
import type { App } from './platform/http/app.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/start/config.ts'
import type { Database } from './platform/database/database.ts'
import { registerDocs } from './platform/contract/docs-page.ts'
import { registerFrontPage } from './platform/http/front-page.ts'
import { healthRoutes } from './platform/start/health.ts'
import { http } from './platform/http/plugin.ts'
import { randomId } from './platform/ids.ts'
import type { Enqueue } from './platform/jobs/queue.ts'
import { loggerOptions, type LogSink } from './platform/start/logging.ts'
import { registerContract } from './platform/contract/contract.ts'
import {
  looksSigned,
  openIdentityProvider,
  type IdentityProvider,
  type Vouched,
} from './platform/outbound/identity-provider.ts'
import { dnsResolver } from './platform/outbound/outbound.ts'
import { registerProblemPages } from './platform/http/problem-pages.ts'
import type { Signer } from './platform/ledger/receipts.ts'
import { refuseAddress, refuseBytes, refuseExpectation } from './platform/http/error-handler.ts'
import { hashOf, secretPrefixes } from './platform/secrets.ts'
import { takeTurns } from './platform/http/turns.ts'
import type { Vault } from './platform/vault/vault.ts'
import { contractTags } from './contract-tags.ts'
import { departures } from './departures.ts'
import { seatFirstSecretary } from './delegates/actions.ts'
import { disclosureRoutes } from './delegates/disclosures/routes.ts'
import { erasureRoutes } from './delegates/erasure/routes.ts'
import { identityRoutes } from './delegates/identities/routes.ts'
import { mandateRoutes } from './delegates/mandates/routes.ts'
import { callerByTokenHash } from './delegates/queries.ts'
import { callerOfAccount } from './delegates/tokens/account-binding.ts'
import { recoveryRoutes } from './delegates/recoveries/routes.ts'
import { delegateRoutes } from './delegates/routes.ts'
import { secondFactorRoutes } from './delegates/second-factor/routes.ts'
import { recordFirstUse } from './delegates/tokens/actions.ts'
import { revokeAllSecrets } from './delegates/tokens/revocation.ts'
import { tokenRoutes } from './delegates/tokens/routes.ts'
import { affiliationRoutes } from './organisations/affiliations/routes.ts'
import { contactChannelRoutes } from './organisations/contact-channels/routes.ts'
import { revokeInvitationsOnSeal } from './organisations/invitations/actions.ts'
import { isInvitationAddress } from './organisations/invitations/page.ts'
import { invitationRoutes } from './organisations/invitations/routes.ts'
import { possibleDuplicateRoutes } from './organisations/possible-duplicates/routes.ts'
import { organisationRoutes } from './organisations/routes.ts'
import { sealRoutes } from './organisations/seals/routes.ts'
import { verificationQueueRoutes } from './organisations/verification-queue/routes.ts'
import { worksiteRoutes } from './organisations/worksites/routes.ts'
import { callerByLinkHash, revokeAllLinks } from './pacts/offer-links/actions.ts'
import { isOfferAddress } from './pacts/offer-links/page.ts'
import { pactRoutes } from './pacts/routes.ts'
import { withdrawConsentsOf } from './visits/consents/actions.ts'
import { consentRoutes } from './visits/consents/routes.ts'
import { itineraryRoutes } from './visits/itinerary/routes.ts'
import { participantRoutes } from './visits/participants/routes.ts'
import { visitReportRoutes } from './visits/reports/routes.ts'
import { visitRoutes } from './visits/routes.ts'

export type Deps = {
  config: Config
  database: Database
  clock: Clock
  signer: Signer
  enqueue: Enqueue
  vault: Vault
  /** True while the service is stopping, so that `/readyz` turns callers away before it is gone. */
  state: { stopping: boolean }
  /** Where the log goes; to the standard output unless told. */
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
  const requestTimeout = config.requestTimeoutSeconds * 1000
  const app = Fastify({
    logger: loggerOptions(config.logLevel, deps.log),
    // Every answer tells its id; a client's own would let others write into our logs.
    genReqId: randomId,
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.bodyBytesMax,
    requestTimeout,
    // Later than the limit on the request, which answers before it hangs up.
    connectionTimeout: requestTimeout * 2 + 1000,
    keepAliveTimeout: 65_000,
    http: nodeOptions(requestTimeout),
    forceCloseConnections: 'idle',
    // What has arrived is still answered while we stop.
    return503OnClosing: false,
    // Before a router or a log sees it: messengers put the secret of a link into its path or query.
    rewriteUrl: ({ url = '/' }) =>
      isOfferAddress(url) ? '/offer' : isInvitationAddress(url) ? '/invitation' : url,
    frameworkErrors: refuseAddress(config.publicUrl),
    clientErrorHandler: refuseBytes(config.publicUrl),
    routerOptions: { maxParamLength: urlCharactersMax, ignoreTrailingSlash: false, caseSensitive: true },
  })
  app.server.on('checkExpectation', refuseExpectation(config.publicUrl))
  takeTurns(app.server)
  await app.register(http, {
    database,
    clock,
    identify: identifyBy(database, clock, provider),
    publicUrl: config.publicUrl,
    quotas: config.quotas,
    corsOrigins: config.corsOrigins,
  })
  registerContract(app, { version: packageJson.version, tags: contractTags })
  registerDocs(app)
  registerProblemPages(app)
  registerFrontPage(app, { ...config, version: packageJson.version, clock })
  healthRoutes(app, database, deps.state)

  const house = app as unknown as App
  organisationRoutes(house, { seatFirstSecretary })
  invitationRoutes(house, config)
  verificationQueueRoutes(house)
  worksiteRoutes(house)
  possibleDuplicateRoutes(house)
  contactChannelRoutes(house, deps)
  sealRoutes(house, { cutOffs: [revokeAllSecrets, revokeInvitationsOnSeal, revokeAllLinks] })
  affiliationRoutes(house)
  delegateRoutes(house)
  identityRoutes(house, deps)
  secondFactorRoutes(house, { ...deps, forfeits: [withdrawConsentsOf] })
  disclosureRoutes(house, deps)
  erasureRoutes(house, { vault: deps.vault, departures })
  recoveryRoutes(house)
  mandateRoutes(house)
  tokenRoutes(house, { provider })
  pactRoutes(house, { signer: deps.signer, enqueue: deps.enqueue, publicUrl: config.publicUrl })
  visitRoutes(house, deps)
  itineraryRoutes(house, deps)
  consentRoutes(house, deps)
  participantRoutes(house)
  visitReportRoutes(house)
  return app
}

const nodeOptions = (requestTimeout: number) => ({
  // Left at its minute, it would be the limit of a slow body in place of the other one.
  headersTimeout: requestTimeout,
  requestTimeout,
  // How often those limits are looked at; by default every half minute, however short they are.
  connectionsCheckingInterval: 1000,
  // Node would answer a missing Host with nothing but a status; `http` says what is missing.
  requireHostHeader: false,
})

/** The prefix says which table may know the secret; the row decides. */
function identifyBy(database: Database, clock: Clock, provider: IdentityProvider | undefined): Identify {
  const byPrefix: Record<string, Finder> = {
    [secretPrefixes.token]: (hash, now) => callerByTokenHash(database.read, hash, now),
    [secretPrefixes.link]: (hash, now, request) =>
      callerByLinkHash(database.read, hash, now, mayBeRepeated(request)),
  }
  const find: Finding = async (secret, now, request) =>
    looksSigned(secret)
      ? byAccount(await provider?.vouch(secret), now)
      : named(await byPrefix[secret.slice(0, 4)]?.(hashOf(secret), now, request), secret)
  const byAccount = async (account: Vouched | undefined, now: string) =>
    account && named(await callerOfAccount(database.read, account, now), account.lasting)
  return async (secret, request) => {
    const now = clock().toISOString()
    const identified = await find(secret, now, request)
    const caller = identified?.caller
    if (caller && 'tokenId' in caller && caller.isFirstToday) await recordFirstUse(database, caller, now)
    return identified
  }
}

const named = (caller: Caller | undefined, lasting: string): Identified | undefined =>
  caller && { caller, lasting }

type Finding = (secret: string, now: string, request: FastifyRequest) => Promise<Identified | undefined>
type Finder = (hash: Buffer, now: string, request: FastifyRequest) => Promise<Caller | undefined>

const mayBeRepeated = ({ headers, routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.idempotent === true && headers['idempotency-key'] !== undefined
