import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { readConfig } from '../../../src/platform/start/config.ts'
import { settings } from '../../../src/platform/start/settings.ts'
import { isStartFailure } from '../../../src/platform/failures.ts'

t.test('without settings the service listens on loopback with an embedded database', async (t) => {
  const config = readConfig({})

  t.match(config, { host: '127.0.0.1', port: 3000, publicUrl: 'http://127.0.0.1:3000', role: 'all' })
  t.equal(config.databaseUrl, undefined)
  t.equal(config.signingKeyFile, path.resolve('data/keys/receipts.pem'))
})

t.test('an empty setting counts as unset', async (t) => {
  t.same(readConfig({ PORT: '', DATABASE_URL: '', TRUSTED_PROXIES: '' }), readConfig({}))
})

t.test('a setting is read in the unit of its name', async (t) => {
  const config = readConfig({
    HOST: '::1',
    PORT: '8080',
    DATABASE_URL: 'postgresql:///pact?host=/run/postgresql',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    STOP_GRACE_SECONDS: '3',
  })

  t.match(config, {
    publicUrl: 'http://[::1]:8080',
    stopGraceSeconds: 3,
    trustedProxies: ['10.0.0.0/8', '::1'],
  })
  t.equal(config.databaseUrl, 'postgresql:///pact?host=/run/postgresql')
  t.equal(readConfig({ PUBLIC_URL: 'https://pact.example.org/' }).publicUrl, 'https://pact.example.org')
})

const wrong: [keyof typeof settings, string][] = [
  ['HOST', 'http://x'],
  ['PORT', '0'],
  ['SOURCE_URL', 'ftp://code.example.org'],
  ['SECURITY_CONTACT', 'security@example.org'],
  ['SECURITY_CONTACT', 'https://example.org/report, http://example.org'],
  ['PORT', '65536'],
  ['PORT', '3e3'],
  ['PORT', ' 80'],
  ['PUBLIC_URL', 'pact.example.org'],
  ['PUBLIC_URL', 'ftp://pact.example.org'],
  ['PUBLIC_URL', 'https://pact.example.org/?a=b'],
  ['PUBLIC_URL', 'https://pact.example.org/#a'],
  ['PUBLIC_URL', 'https://example.org/pact'],
  ['PUBLIC_URL', 'https://example.org/pact/'],
  ['PUBLIC_URL', 'https://example.org/.'],
  ['ROLE', 'boss'],
  ['PROCESSES', '0'],
  ['PROCESSES', 'abc'],
  ['PROCESSES', '1000'],
  ['LOG_LEVEL', 'INFO'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'null'],
  ['CORS_ORIGINS', 'http://app.example.org'],
  ['CORS_ORIGINS', 'https://app.example.org/'],
  ['CORS_ORIGINS', 'https://app.example.org,https://*.example.org'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.0.0.0/8,proxy'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['BODY_BYTES_MAX', '1kB'],
  ['REQUEST_TIMEOUT_SECONDS', '0'],
  ['POOL_CONNECTIONS_MAX', '-1'],
  ['READ_CONNECTIONS', '17'],
  ['STOP_GRACE_SECONDS', '1.5'],
]
for (const [name, value] of wrong) {
  t.test(
    `${name} is not taken as ${JSON.stringify(value)}, and the sentence says what would be right`,
    async (t) => {
      const refused = refusalOf({ [name]: value })

      t.equal(
        refused,
        `The setting ${name} is ${JSON.stringify(value)} but must be ${settings[name].expected}.`,
      )
    },
  )
}

t.test('PROCESSES=auto is one process per core, and a worker is always one process', async (t) => {
  t.equal(readConfig({}).processes, 1)
  t.equal(readConfig({ PROCESSES: '3' }).processes, 3)
  t.equal(readConfig({ PROCESSES: 'auto' }).processes, Math.min(availableParallelism(), 64))
  t.equal(readConfig({ PROCESSES: '3', ROLE: 'worker' }).processes, 1)
})

t.test('an error about a secret setting does not repeat the secret', async (t) => {
  const file = path.join(t.testdir(), 'database_url')
  await writeFile(file, 'mysql://pact:g3heim@db/pact\n')
  const sentence = `The setting DATABASE_URL must be ${settings.DATABASE_URL.expected}.`

  for (const url of [
    'g3heim',
    'mysql://pact:g3heim@db/pact',
    'postgresql://pact:g3heim@db',
    'postgresql://db:x/g3heim',
  ]) {
    t.equal(refusalOf({ DATABASE_URL: url }), sentence)
  }
  t.equal(refusalOf({ DATABASE_URL_FILE: file }), sentence)
})

t.test('an error about an address setting does not repeat its password', async (t) => {
  for (const [name, also] of [
    ['PUBLIC_URL', {}],
    ['CORS_ORIGINS', {}],
    ['OIDC_ISSUER', { OIDC_AUDIENCE: 'x' }],
  ] as const) {
    const read = () => readConfig({ [name]: 'https://user:hunter2@pact.example.org', ...also })
    t.throws(read, { message: new RegExp(`^The setting ${name} is`) })
    t.throws(read, { message: /^(?!.*hunter2)/ })
  }
})

t.test('the database is named by one setting, which may be a file', async (t) => {
  const file = path.join(t.testdir(), 'database_url')
  await writeFile(file, 'postgresql://pact@db/pact\n')

  t.equal(readConfig({ DATABASE_URL_FILE: file }).databaseUrl, 'postgresql://pact@db/pact')
  t.match(refusalOf({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgresql://other@db/other' }), /^Only one of/)
  t.match(refusalOf({ DATABASE_URL_FILE: `${file}.not` }), /must be the name of a file that can be read\.$/)
})

function refusalOf(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (isStartFailure(error)) return error.message
    throw error
  }
  return ''
}
