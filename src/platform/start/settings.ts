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
    meaning: 'Address to listen on. `0.0.0.0` opens it to the network: put a proxy with TLS before it.',
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
      'Where people reach the service; links handed out begin with it. It has no path: the service needs a host name of its own.',
    schema: z.string().transform(withoutTrailingSlash).refine(isHostAddress),
    expected:
      'an http or https address of a host, without path or query, such as https://pact.example.org: ' +
      'give the service a host name of its own',
  },
  SOURCE_URL: {
    otherwise: 'not linked',
    meaning:
      'Where people get the source code of the version that runs here, as the AGPL asks; `/` links to it.',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http or https address, such as https://code.example.org/solidarity-pact',
  },
  SECURITY_CONTACT: {
    otherwise: 'no `/.well-known/security.txt`',
    meaning:
      'Where people report a weakness: one or more addresses, separated by commas, for `/.well-known/security.txt`.',
    schema: commaSeparated().pipe(
      z.array(z.string().regex(/^(mailto:[^\s@]+@[^\s@]+|tel:\+[\d-]+|https:\/\/\S+)$/)).min(1),
    ),
    expected: 'addresses that begin with mailto:, tel:+ or https://, such as mailto:security@example.org',
  },
  DATABASE_URL: {
    otherwise: 'an embedded PostgreSQL in `DATA_FOLDER`',
    meaning:
      'PostgreSQL 15 to 18 to use instead: `postgresql://user:password@host:5432/database`. Its user must not own the tables.',
    ...databaseUrlOf('user'),
  },
  DATABASE_URL_FILE: fileOf('DATABASE_URL'),
  OWNER_DATABASE_URL: {
    otherwise: 'not used',
    meaning: 'The same database by its owner. Only for `npm run migrate`; keep it from the service.',
    ...databaseUrlOf('owner'),
  },
  OWNER_DATABASE_URL_FILE: fileOf('OWNER_DATABASE_URL'),
  KEYS_DATABASE_URL: {
    otherwise: 'a database of its own in the embedded PostgreSQL',
    meaning:
      'The database of the keys, needed with `DATABASE_URL`: another one, better on another server, with backups of its own.',
    ...databaseUrlOf('user'),
  },
  KEYS_DATABASE_URL_FILE: fileOf('KEYS_DATABASE_URL'),
  OWNER_KEYS_DATABASE_URL: {
    otherwise: 'not used',
    meaning: 'The database of the keys by its owner. Only for `npm run migrate`; keep it from the service.',
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
    meaning: 'The root key before this one, until `npm run cli -- keys rotate-root` is done.',
    ...rootKey(),
  },
  ROOT_KEY_PREVIOUS_FILE: fileOf('ROOT_KEY_PREVIOUS'),
  OIDC_ISSUER: {
    otherwise: 'not used',
    meaning:
      'The OpenID Connect provider whose access tokens are taken too; its people are bound when they enrol.',
    schema: z.string().transform(withoutTrailingSlash).refine(isSafeAddress),
    expected: 'an https address without query, such as https://login.example.org (http on this machine only)',
  },
  OIDC_AUDIENCE: {
    otherwise: 'not used',
    meaning: 'What its tokens must name as their audience: this service. Needed with `OIDC_ISSUER`.',
    schema: z.string().min(1).max(200),
    expected: 'a text of 1 to 200 characters',
  },
  OIDC_TOKEN_TYPES: {
    default: 'at+jwt',
    meaning:
      'What its access tokens call themselves (`typ`): `at+jwt` by RFC 9068. For a provider that does not, `jwt` or `none` as well, separated by commas; tokens with the marks of an ID token are refused all the same.',
    schema: commaSeparated(z.string().toLowerCase()).pipe(z.array(z.enum(['at+jwt', 'jwt', 'none'])).min(1)),
    expected: 'one or more of at+jwt, jwt and none, separated by commas',
  },
  DATA_FOLDER: {
    default: './data',
    meaning: 'Folder for the embedded PostgreSQL and for keys. Back it up, and keep it from others.',
    schema: z.string().transform((folder) => path.resolve(folder)),
    expected: 'the name of a folder',
  },
  ROLE: {
    default: 'all',
    meaning: '`api` answers requests, `worker` does the jobs, `all` does both in one process.',
    schema: z.enum(['all', 'api', 'worker']),
    expected: 'all, api or worker',
  },
  LOG_LEVEL: {
    default: 'info',
    meaning: '`trace` to `fatal`, or `silent`. No level logs what people wrote.',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    expected: 'trace, debug, info, warn, error, fatal or silent',
  },
  TRUSTED_PROXIES: {
    otherwise: 'none',
    meaning: 'The proxies before the service (addresses, networks); only their `X-Forwarded-*` count.',
    schema: commaSeparated().refine(areNetworks),
    expected: 'IP addresses or networks separated by commas, such as 10.0.0.0/8,::1',
  },
  CORS_ORIGINS: {
    otherwise: 'none',
    meaning:
      'Origins of web pages that may call the service from a browser, separated by commas. Tokens go in headers; cookies mean nothing.',
    schema: commaSeparated().refine((origins) => origins.every(isPageOrigin)),
    expected:
      'origins separated by commas, such as https://app.example.org: no *, no path, and http only for this machine',
  },
  SIGNING_KEY_FILE: {
    otherwise: '`DATA_FOLDER/keys/receipts.pem`',
    meaning: 'Ed25519 private key (PEM) that signs receipts. Made at the first start when it is not there.',
    schema: z.string().transform((file) => path.resolve(file)),
    expected: 'the name of a file',
  },
  RETIRED_KEYS_FOLDER: {
    otherwise: '`DATA_FOLDER/keys/retired`',
    meaning:
      'Keys (`*.pem`, the public part is enough) that signed receipts before: published, and still verified by.',
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
    meaning: 'How long a client may take to send its request, and the service to answer it.',
    schema: wholeNumber(1, 600),
    expected: 'a whole number of seconds from 1 to 600',
  },
  POOL_CONNECTIONS_MAX: {
    default: '10',
    meaning: 'Most database connections for transactions.',
    schema: wholeNumber(1, 1000),
    expected: 'a whole number from 1 to 1000',
  },
  READ_CONNECTIONS: {
    default: '2',
    meaning: 'Database connections that all reads share. More than four is slower.',
    schema: wholeNumber(1, 16),
    expected: 'a whole number from 1 to 16',
  },
  ANONYMOUS_REQUESTS_PER_MINUTE: {
    default: '300',
    meaning: 'How often one address may ask without a token. Each process counts for itself.',
    ...timesAMinute(),
  },
  TOKEN_REQUESTS_PER_MINUTE: {
    default: '1200',
    meaning: 'How often one person may ask, by all their tokens together, or the token of a system.',
    ...timesAMinute(),
  },
  ORGANISATION_REQUESTS_PER_MINUTE: {
    default: '6000',
    meaning: 'How often all tokens of an organisation together may ask.',
    ...timesAMinute(),
  },
  BAD_TOKENS_PER_MINUTE: {
    default: '30',
    meaning: 'How many unknown or ended tokens and secrets one address may send before it is told to wait.',
    ...timesAMinute(),
  },
  SCARCE_REQUESTS_PER_HOUR: {
    default: '60',
    meaning: 'How often one person, system or address may claim, answer by a link, or make tokens and links.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  REGISTRATIONS_PER_DAY: {
    default: '10',
    meaning: 'How many organisations may register from one address without an invitation.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  NETWORK_REGISTRATIONS_PER_DAY: {
    default: '20',
    meaning: 'The same from one network of addresses: a /24 of IPv4, a /48 of IPv6.',
    schema: wholeNumber(1, 1_000_000_000),
    expected: 'a whole number from 1 to 1000000000',
  },
  STOP_GRACE_SECONDS: {
    default: '10',
    meaning: 'How long requests and jobs in progress may take to finish when the service is told to stop.',
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
    meaning: `A file that holds \`${name}\`, for secrets that come as files.`,
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

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
}

function timesAMinute() {
  return { schema: wholeNumber(1, 1_000_000_000), expected: 'a whole number from 1 to 1000000000' }
}
