/** The real app on a database for the test alone, with a clock that the test moves. Tests send HTTP requests to it. */
import type { Test } from 'tap'
import { generateKeyPairSync } from 'node:crypto'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { buildApp } from '../src/app.ts'
import { firstOperatorToken } from '../src/delegates/tokens/actions.ts'
import { systemContext } from '../src/platform/actions/action-context.ts'
import { readConfig } from '../src/platform/start/config.ts'
import type { OpenDatabase } from '../src/platform/database/database.ts'
import type { Job } from '../src/platform/jobs/queue.ts'
import { encryptedTables } from '../src/features.ts'
import type { LogSink } from '../src/platform/start/logging.ts'
import { openSigner, type Signer } from '../src/platform/ledger/receipts.ts'
import { committedContract, contractChecker } from './contract-checker.ts'
import type { Cipher } from '../src/platform/vault/cipher.ts'
import { rootOf } from '../src/platform/vault/roots.ts'
import { openKeyStore } from '../src/platform/vault/store.ts'
import { openVault, type Vault } from '../src/platform/vault/vault.ts'
import { testVault, type TestDatabase } from './databases.ts'
import { connectOwn, takeDatabase } from './suite/ready-databases.ts'

export type Answer = LightMyRequestResponse & { readonly data: Record<string, any> }
export type Asking = {
  body?: unknown
  token?: string | undefined
  headers?: Record<string, string>
}
type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'

export type House = {
  app: FastifyInstance
  database: OpenDatabase
  vault: Vault
  databaseUrl: string
  ownerUrl: string
  operatorToken: string
  ask(method: Method, url: string, asking?: Asking): Promise<Answer>
  /** Reads the current ETag, then sends the request with it. */
  askFresh(method: Method, url: string, asking?: Asking): Promise<Answer>
  now(): Date
  travelTo(instant: string): void
  run<Payload extends object>(job: Job<Payload>, payload?: Payload): Promise<void>
}

const contract = contractChecker(committedContract())

/** Disables rate limits: a test sends in an instant, by its clock, what people send in a year. */
export const generous = {
  ANONYMOUS_REQUESTS_PER_MINUTE: '1000000',
  TOKEN_REQUESTS_PER_MINUTE: '1000000',
  ORGANISATION_REQUESTS_PER_MINUTE: '1000000',
  BAD_TOKENS_PER_MINUTE: '1000000',
  SCARCE_REQUESTS_PER_HOUR: '1000000',
  REGISTRATIONS_PER_DAY: '1000000',
  NETWORK_REGISTRATIONS_PER_DAY: '1000000',
}

const startInstant = '2026-03-02T10:00:00.000Z'

export type HouseOptions = {
  now?: string
  log?: LogSink
  signer?: Signer
  /** Settings of the service. */
  settings?: Record<string, string>
  /** Replaces the database of the app. */
  wrap?: (database: OpenDatabase) => OpenDatabase
  /** Replaces the vault of the app. */
  wrapVault?: (vault: Vault) => Vault
  cipher?: Cipher
  keysUrl?: string
  /** Receives pg-boss's errors about an unavailable database. Without it, such an error fails the test. */
  onJobError?: (error: Error) => void
  from?: TestDatabase
}

export async function openHouse(t: Test, options: HouseOptions = {}): Promise<House> {
  let now = new Date(options.now ?? startInstant)
  const clock = () => new Date(now)
  const store = openKeyStore(options.keysUrl ?? testVault.keysUrl)
  const openedVault = openVault({
    store,
    roots: { current: rootOf(testVault.rootKey, 'test') },
    tables: encryptedTables,
    clock,
    cipher: options.cipher,
  })
  const vault = options.wrapVault?.(openedVault) ?? openedVault
  const state = { stopping: false }
  // If the database is dropped while pg-boss holds a connection, it reports an error without meaning.
  const onJobError = (error: Error) => state.stopping || (options.onJobError ?? t.error)(error)
  const ready = await (options.from ? connectOwn(options.from, onJobError) : takeDatabase(onJobError))
  const { url, ownerUrl, enqueue, release } = ready
  const database = options.wrap?.(ready.database) ?? ready.database
  const { privateKey } = generateKeyPairSync('ed25519')
  const app = await buildApp({
    config: readConfig({
      DATABASE_URL: url,
      LOG_LEVEL: options.log ? 'trace' : 'silent',
      PUBLIC_URL: 'http://pact.test',
      ...generous,
      ...options.settings,
    }),
    ...(options.log && { log: options.log }),
    database,
    clock,
    signer: options.signer ?? openSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    vault,
    enqueue,
    state,
  })
  t.teardown(async () => {
    state.stopping = true
    await app.close()
    await store.close()
    await release()
  })
  const ask: House['ask'] = async (method, url, asking = {}) => answerTo(app, method, url, asking)
  // A restored database already has one.
  const operatorToken = await firstOperatorToken(systemContext(database, now))
  return {
    app,
    database,
    vault,
    databaseUrl: url,
    ownerUrl,
    operatorToken: operatorToken as string,
    ask,
    askFresh: async (method, url, asking = {}) => {
      const target = url.replace(/\/(transitions|mergers|acceptances|reschedulings)$/, '')
      const etag = (await ask('GET', target, { token: asking.token })).headers.etag
      return ask(method, url, { ...asking, headers: { 'if-match': String(etag), ...asking.headers } })
    },
    now: clock,
    travelTo: (instant) => {
      now = new Date(instant)
    },
    run: (job, payload) =>
      job.run(
        systemContext(database, now),
        payload ?? ({} as NonNullable<typeof payload>),
        (error) => {
          throw error
        },
        clock,
      ),
  }
}

async function answerTo(app: FastifyInstance, method: Method, url: string, asking: Asking): Promise<Answer> {
  const { body, token, headers } = asking
  const request: InjectOptions = { method, url, headers: { ...bearer(token), ...headers } }
  if (body !== undefined) request.payload = typeof body === 'string' ? body : (body as object)
  const response = await app.inject(request)
  contract.check({ method, url, status: response.statusCode, headers: response.headers, body: response.body })
  const isJson = /json/.test(String(response.headers['content-type']))
  return Object.defineProperty(response, 'data', {
    get: () => (isJson ? response.json() : {}),
  }) as unknown as Answer
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }
