/** Reads the settings; nothing else reads the environment. */
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import type { z } from 'zod'
import { startFailure } from '../failures.ts'
import { settings, type Setting } from './settings.ts'

type Name = keyof typeof settings
type Environment = Record<string, string | undefined>

export type Config = ReturnType<typeof readConfig>

/** Throws a start failure that names the first invalid setting. An empty value counts as missing. */
export function readConfig(environment: Environment = process.env) {
  const host = required(environment, 'HOST')
  const port = required(environment, 'PORT')
  const dataFolder = required(environment, 'DATA_FOLDER')
  const role = required(environment, 'ROLE')
  const processes = required(environment, 'PROCESSES')
  const defaultSigningKeyFile = path.join(dataFolder, 'keys', 'receipts.pem')
  const defaultRetiredKeysFolder = path.join(dataFolder, 'keys', 'retired')
  return {
    host,
    port,
    publicUrl: optional(environment, 'PUBLIC_URL') ?? webAddress(host, port),
    sourceUrl: optional(environment, 'SOURCE_URL'),
    securityContacts: optional(environment, 'SECURITY_CONTACT') ?? [],
    databaseUrl: secretOrFile(environment, 'DATABASE_URL'),
    ownerDatabaseUrl: secretOrFile(environment, 'OWNER_DATABASE_URL'),
    keysDatabaseUrl: secretOrFile(environment, 'KEYS_DATABASE_URL'),
    ownerKeysDatabaseUrl: secretOrFile(environment, 'OWNER_KEYS_DATABASE_URL'),
    rootKey: secretOrFile(environment, 'ROOT_KEY') ?? credential(environment),
    rootKeyPrevious: secretOrFile(environment, 'ROOT_KEY_PREVIOUS'),
    oidc: identityProviderOf(environment),
    dataFolder,
    role,
    // A worker waits most of the time, and several would look for the same jobs.
    processes: role === 'worker' ? 1 : processes,
    logLevel: required(environment, 'LOG_LEVEL'),
    corsOrigins: optional(environment, 'CORS_ORIGINS') ?? [],
    trustedProxies: optional(environment, 'TRUSTED_PROXIES') ?? [],
    signingKeyFile: optional(environment, 'SIGNING_KEY_FILE') ?? defaultSigningKeyFile,
    retiredKeysFolder: optional(environment, 'RETIRED_KEYS_FOLDER') ?? defaultRetiredKeysFolder,
    bodyBytesMax: required(environment, 'BODY_BYTES_MAX'),
    requestsInProgressMax: required(environment, 'REQUESTS_IN_PROGRESS_MAX'),
    requestTimeoutSeconds: required(environment, 'REQUEST_TIMEOUT_SECONDS'),
    poolConnectionsMax: required(environment, 'POOL_CONNECTIONS_MAX'),
    readConnections: required(environment, 'READ_CONNECTIONS'),
    quotas: {
      anonymous: required(environment, 'ANONYMOUS_REQUESTS_PER_MINUTE'),
      token: required(environment, 'TOKEN_REQUESTS_PER_MINUTE'),
      organisation: required(environment, 'ORGANISATION_REQUESTS_PER_MINUTE'),
      badTokens: required(environment, 'BAD_TOKENS_PER_MINUTE'),
      scarce: required(environment, 'SCARCE_REQUESTS_PER_HOUR'),
      registrations: required(environment, 'REGISTRATIONS_PER_DAY'),
      networkRegistrations: required(environment, 'NETWORK_REGISTRATIONS_PER_DAY'),
    },
    stopGraceSeconds: required(environment, 'STOP_GRACE_SECONDS'),
  }
}

type Value<N extends Name> = z.infer<(typeof settings)[N]['schema']>
type NameWithDefault = { [N in Name]: (typeof settings)[N] extends { default: string } ? N : never }[Name]

function required<N extends NameWithDefault>(environment: Environment, name: N): Value<N> {
  return parse(name, environment[name] || settings[name].default)
}

function optional<N extends Name>(environment: Environment, name: N): Value<N> | undefined {
  const given = environment[name]
  return given ? parse(name, given) : undefined
}

function parse<N extends Name>(name: N, given: string): Value<N> {
  const { schema, expected, secret }: Setting = settings[name]
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data as Value<N>
  throw startFailure(
    `The setting ${name} ${secret ? '' : `is ${JSON.stringify(withoutPassword(given))} but `}must be ${expected}.`,
  )
}

/** Addresses are shown without what is before the host: terminals and logs keep them. */
const withoutPassword = (given: string): string => given.replaceAll(/\/\/[^@/]*@/g, '//…@')

type SecretName = Extract<
  Name,
  | 'DATABASE_URL'
  | 'OWNER_DATABASE_URL'
  | 'KEYS_DATABASE_URL'
  | 'OWNER_KEYS_DATABASE_URL'
  | `ROOT_KEY${'' | '_PREVIOUS'}`
>

function identityProviderOf(environment: Environment) {
  const issuer = optional(environment, 'OIDC_ISSUER')
  const audience = optional(environment, 'OIDC_AUDIENCE')
  if (issuer !== undefined && audience !== undefined)
    return { issuer, audience, tokenTypes: required(environment, 'OIDC_TOKEN_TYPES') }
  if (issuer === undefined && audience === undefined) return undefined
  throw startFailure('OIDC_ISSUER and OIDC_AUDIENCE belong together: set both, or none.')
}

/** systemd provides secrets as files in a folder that only the service may read (LoadCredential=root_key). */
function credential(environment: Environment): string | undefined {
  const folder = environment['CREDENTIALS_DIRECTORY']
  const file = folder && path.join(folder, 'root_key')
  if (!file || !existsSync(file)) return undefined
  return secretOrFile({ ROOT_KEY_FILE: file }, 'ROOT_KEY')
}

function secretOrFile(environment: Environment, name: SecretName): string | undefined {
  const fileName = `${name}_FILE` as const
  const file = optional(environment, fileName)
  if (file === undefined) return optional(environment, name)
  if (environment[name]) {
    throw startFailure(`Only one of the settings ${name} and ${fileName} may be given.`)
  }
  try {
    return parse(name, readFileSync(file, 'utf8').trim())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw startFailure(
      `The setting ${fileName} is ${JSON.stringify(file)} but must be ${settings[fileName].expected}.`,
      error,
    )
  }
}

function webAddress(host: string, port: number): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
