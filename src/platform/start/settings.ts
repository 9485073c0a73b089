/** Every setting of the service: its meaning, default and valid values. */
import path from 'node:path'
import { z } from 'zod'
import {
  areNetworks,
  isDatabaseUrl,
  isHostAddress,
  isPageOrigin,
  isSafeAddress,
  withoutTrailingSlash,
} from './setting-addresses.ts'
import { numberOfProcesses, processesMax, timesAMinute, wholeNumber } from './setting-numbers.ts'

export type Setting<Schema extends z.ZodType = z.ZodType> = {
  /** Parsed like a given value. */
  default?: string
  /** Shown as the default when there is no fixed one. */
  otherwise?: string
  meaning: string
  schema: Schema
  /** Completes "… must be". */
  expected: string
  /** Secrets are not repeated in messages. */
  secret?: true
}

/** The table in docs/operations.md is made from this. */
export const settings = {
  HOST: {
    default: '127.0.0.1',
    meaning:
      'Address to listen on. `0.0.0.0` accepts connections from the network: put a proxy with TLS before it.',
    schema: z.string().regex(/^[\w.:-]+$/),
    expected: 'an IP address or a host name, such as 127.0.0.1',
  },
  PORT: {
    default: '3000',
    meaning: 'Port to listen on.',
    schema: wholeNumber(1, 65535),
    expected: 'a whole number from 1 to 65535',
  },
  PUBLIC_URL: {
    otherwise: '`http://HOST:PORT`',
    meaning:
      'The address at which people reach the service; its links begin with it. It has no path: the service needs its own host name.',
    schema: z.string().transform(withoutTrailingSlash).refine(isHostAddress),
    expected:
      'an http or https address of a host, without path or query, such as https://pact.example.org: ' +
      'give the service a host name of its own',
  },
  SOURCE_URL: {
    otherwise: 'not linked',
    meaning:
      'The address of the source code of the running version, which the AGPL requires; `/` links to it.',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http or https address, such as https://code.example.org/solidarity-pact',
  },
  SECURITY_CONTACT: {
    otherwise: 'no `/.well-known/security.txt`',
    meaning:
      'Addresses for reports of security problems, separated by commas, for `/.well-known/security.txt`.',
    schema: commaSeparated().pipe(
      z.array(z.string().regex(/^(mailto:[^\s@]+@[^\s@]+|tel:\+[\d-]+|https:\/\/\S+)$/)).min(1),
    ),
    expected: 'addresses that begin with mailto:, tel:+ or https://, such as mailto:security@example.org',
  },
  DATABASE_URL: {
    otherwise: 'an embedded PostgreSQL in `DATA_FOLDER`',
    meaning:
      'An external PostgreSQL 15 to 18: `postgresql://user:password@host:5432/database`. Its user must not own the tables.',
    ...databaseUrlOf('user'),
  },
  DATABASE_URL_FILE: fileOf('DATABASE_URL'),
  OWNER_DATABASE_URL: {
    otherwise: 'not used',
    meaning:
      'The same database with the user who owns it. Only for `npm run migrate`; do not give it to the service.',
    ...databaseUrlOf('owner'),
  },
  OWNER_DATABASE_URL_FILE: fileOf('OWNER_DATABASE_URL'),
  KEYS_DATABASE_URL: {
    otherwise: 'a second database in the embedded PostgreSQL',
    meaning:
      'The key database, required with `DATABASE_URL`: a different database with separate backups, preferably on another server.',
    ...databaseUrlOf('user'),
  },
  KEYS_DATABASE_URL_FILE: fileOf('KEYS_DATABASE_URL'),
  OWNER_KEYS_DATABASE_URL: {
    otherwise: 'not used',
    meaning:
      'The key database with the user who owns it. Only for `npm run migrate`; do not give it to the service.',
    ...databaseUrlOf('owner'),
  },
  OWNER_KEYS_DATABASE_URL_FILE: fileOf('OWNER_KEYS_DATABASE_URL'),
  ROOT_KEY: {
    otherwise: 'the systemd credential `root_key`; else, embedded, `DATA_FOLDER/keys/root.key`',
    meaning:
      'Encrypts the keys of people and organisations: `openssl rand -hex 32`. Without it nobody can decrypt private values.',
    ...rootKey(),
  },
  ROOT_KEY_FILE: fileOf('ROOT_KEY'),
  ROOT_KEY_PREVIOUS: {
    otherwise: 'not used',
    meaning: 'The previous root key, until `npm run cli -- keys rotate-root` has ended.',
    ...rootKey(),
  },
  ROOT_KEY_PREVIOUS_FILE: fileOf('ROOT_KEY_PREVIOUS'),
  OIDC_ISSUER: {
    otherwise: 'not used',
    meaning:
      'An OpenID Connect provider whose access tokens are also accepted. Its accounts are bound at enrolment.',
    schema: z.string().transform(withoutTrailingSlash).refine(isSafeAddress),
    expected: 'an https address without query, such as https://login.example.org (http on this machine only)',
  },
  OIDC_AUDIENCE: {
    otherwise: 'not used',
    meaning: 'The audience that its tokens must name for this service. Required with `OIDC_ISSUER`.',
    schema: z.string().min(1).max(200),
    expected: 'a text of 1 to 200 characters',
  },
  OIDC_TOKEN_TYPES: {
    default: 'at+jwt',
    meaning:
      'The type (`typ`) of its access tokens: `at+jwt` by RFC 9068. For other providers add `jwt` or `none`, separated by commas. ID tokens are always refused.',
    schema: commaSeparated(z.string().toLowerCase()).pipe(z.array(z.enum(['at+jwt', 'jwt', 'none'])).min(1)),
    expected: 'one or more of at+jwt, jwt and none, separated by commas',
  },
  DATA_FOLDER: {
    default: './data',
    meaning: 'Folder for the embedded PostgreSQL and for keys. Back it up, and protect it from other users.',
    schema: z.string().transform((folder) => path.resolve(folder)),
    expected: 'the name of a folder',
  },
  ROLE: {
    default: 'all',
    meaning: '`api` answers requests, `worker` runs jobs, `all` does both in one process.',
    schema: z.enum(['all', 'api', 'worker']),
    expected: 'all, api or worker',
  },
  PROCESSES: {
    default: '1',
    meaning:
      'Processes that answer requests on the port: a number, or `auto` for one per core. One of them also runs the jobs. A `worker` is always one process.',
    schema: numberOfProcesses(),
    expected: `auto or a whole number from 1 to ${processesMax}`,
  },
  LOG_LEVEL: {
    default: 'info',
    meaning: '`trace` to `fatal`, or `silent`. No level logs what people wrote.',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    expected: 'trace, debug, info, warn, error, fatal or silent',
  },
  TRUSTED_PROXIES: {
    otherwise: 'none',
    meaning:
      'The proxies before the service (addresses or networks). Other senders’ `X-Forwarded-*` headers are ignored.',
    schema: commaSeparated().refine(areNetworks),
    expected: 'IP addresses or networks separated by commas, such as 10.0.0.0/8,::1',
  },
  CORS_ORIGINS: {
    otherwise: 'none',
    meaning:
      'Origins of web pages that may call the service from a browser, separated by commas. Tokens are sent in headers; cookies are ignored.',
    schema: commaSeparated().refine((origins) => origins.every(isPageOrigin)),
    expected:
      'origins separated by commas, such as https://app.example.org: no *, no path, and http only for this machine',
  },
  SIGNING_KEY_FILE: {
    otherwise: '`DATA_FOLDER/keys/receipts.pem`',
    meaning:
      'Ed25519 private key (PEM) that signs receipts. Created at the first start if it does not exist.',
    schema: z.string().transform((file) => path.resolve(file)),
    expected: 'the name of a file',
  },
  RETIRED_KEYS_FOLDER: {
    otherwise: '`DATA_FOLDER/keys/retired`',
    meaning:
      'Earlier keys for receipts (`*.pem`, the public part is enough). They stay published, so that old receipts verify.',
    schema: z.string().transform((folder) => path.resolve(folder)),
    expected: 'the name of a folder',
  },
  BODY_BYTES_MAX: {
    default: '262144',
    meaning: 'Largest request body, in bytes.',
    schema: wholeNumber(1024, 104_857_600),
    expected: 'a whole number of bytes from 1024 to 104857600',
  },
  REQUEST_TIMEOUT_SECONDS: {
    default: '30',
    meaning: 'Time limit, in seconds, for a client to send its request and for the service to answer it.',
    schema: wholeNumber(1, 600),
    expected: 'a whole number of seconds from 1 to 600',
  },
  REQUESTS_IN_PROGRESS_MAX: {
    default: '512',
    meaning:
      'Requests that each process works on at the same time. Further ones get 503 `overloaded` at once.',
    schema: wholeNumber(1, 100_000),
    expected: 'a whole number from 1 to 100000',
  },
  POOL_CONNECTIONS_MAX: {
    default: '10',
    meaning: 'Maximum number of database connections for transactions, in each process.',
    schema: wholeNumber(1, 1000),
    expected: 'a whole number from 1 to 1000',
  },
  READ_CONNECTIONS: {
    default: '2',
    meaning: 'Database connections of a process that all reads share. More than four is slower.',
    schema: wholeNumber(1, 16),
    expected: 'a whole number from 1 to 16',
  },
  ANONYMOUS_REQUESTS_PER_MINUTE: {
    default: '300',
    meaning: 'Requests without a token per address.',
    ...timesAMinute(),
  },
  TOKEN_REQUESTS_PER_MINUTE: {
    default: '1200',
    meaning: 'Requests per person, with all their tokens together, or per API client.',
    ...timesAMinute(),
  },
  ORGANISATION_REQUESTS_PER_MINUTE: {
    default: '6000',
    meaning: 'Requests per organisation, with all its tokens together.',
    ...timesAMinute(),
  },
  BAD_TOKENS_PER_MINUTE: {
    default: '30',
    meaning: 'Invalid tokens and secrets per address, before it must wait.',
    ...timesAMinute(),
  },
  SCARCE_REQUESTS_PER_HOUR: {
    default: '60',
    meaning: 'Claims, answers by a link, and new tokens and links per person, API client or address.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  REGISTRATIONS_PER_DAY: {
    default: '10',
    meaning: 'Registrations without an invitation per address.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  NETWORK_REGISTRATIONS_PER_DAY: {
    default: '20',
    meaning: 'The same per network: a /24 of IPv4, a /48 of IPv6.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  STOP_GRACE_SECONDS: {
    default: '10',
    meaning: 'Time limit, in seconds, for requests and jobs in progress when the service stops.',
    schema: wholeNumber(1, 600),
    expected: 'a whole number of seconds from 1 to 600',
  },
} as const satisfies Record<string, Setting>

/** The settings as a Markdown table. */
export function settingsTable(): string {
  const rows = Object.entries<Setting>(settings).map(([name, setting]) => {
    const value = setting.default === undefined ? setting.otherwise : `\`${setting.default}\``
    return `| \`${name}\` | ${value} | ${setting.meaning} |`
  })
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n')
}

function fileOf(name: string) {
  return {
    otherwise: 'not used',
    meaning: `A file that contains \`${name}\`, for secrets that are provided as files.`,
    schema: z.string(),
    expected: 'the name of a file that can be read',
  }
}

function databaseUrlOf(user: 'user' | 'owner') {
  return {
    schema: z.string().refine(isDatabaseUrl),
    expected: `an address such as postgresql://${user}:password@host:5432/database`,
    secret: true as const,
  }
}

function rootKey() {
  return {
    schema: z.string().regex(/^[0-9a-fA-F]{64}$/),
    expected: '64 hexadecimal digits, as openssl rand -hex 32 makes them',
    secret: true as const,
  }
}

function commaSeparated(text: z.ZodType<string> = z.string()) {
  return text.transform((list) => list.split(',').map((part) => part.trim()))
}
