import { randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import t from 'tap'
import { connectOwnDatabase } from '../../src/provision-database.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { newKey } from '../../src/platform/vault/cipher.ts'
import { rootOf } from '../../src/platform/vault/roots.ts'
import { openKeyStore } from '../../src/platform/vault/store.ts'
import { wrap } from '../../src/platform/vault/keyring.ts'
import { openVault } from '../../src/platform/vault/vault.ts'
import { asOwner, cloneDatabase, emptyKeysDatabase, ownKeysDatabase, testServer } from '../databases.ts'
import { command, dataFolder, refusal, startService } from './service.ts'
import { usedDataFolder } from './used-data-folder.ts'

const person = { kind: 'person', id: '018f3c00-0000-7000-8000-000000000001' } as const
const now = '2026-03-02T10:00:00.000Z'
const wrappedBy = (root: string) => wrap(rootOf(root, 'test'), person, 1, newKey())

t.test('a given database requires a keys database and a root key that belong together', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const keysUrl = await ownKeysDatabase(t)
  const [first, second] = [newKey().toString('hex'), newKey().toString('hex')]
  const refused = async (settings: Record<string, string>, wanted: RegExp) => {
    const { exitCode, sentence } = await refusal(t, { DATABASE_URL: database.url, ...settings })
    t.equal(exitCode, 1)
    t.match(sentence, wanted)
    t.match(sentence, /^[^\n]+\n$/, 'one sentence')
    t.notMatch(sentence, new RegExp(`${first}|${second}|${new URL(keysUrl).password}`), 'and no secret in it')
  }
  const store = openKeyStore(keysUrl)
  await store.addKey(person, wrappedBy(first), now)
  await store.close()

  await refused({ KEYS_DATABASE_URL: '' }, /^KEYS_DATABASE_URL is missing: /)
  await refused({ KEYS_DATABASE_URL: keysUrl, ROOT_KEY: '' }, /^ROOT_KEY is missing: /)
  await refused(
    { KEYS_DATABASE_URL: database.url },
    /^KEYS_DATABASE_URL leads to the database that holds what/,
  )
  await refused(
    { KEYS_DATABASE_URL: testServer().serverUrl },
    /not at this version, or its user has no rights in it/,
  )
  await refused(
    { KEYS_DATABASE_URL: keysUrl, ROOT_KEY: second },
    /^ROOT_KEY is not the one that wrapped the keys/,
  )
  await refused(
    { KEYS_DATABASE_URL: keysUrl, ROOT_KEY: 'short' },
    /^The setting ROOT_KEY must be 64 hexadecimal digits/,
  )
  const settings = {
    DATABASE_URL: database.url,
    KEYS_DATABASE_URL: keysUrl,
    SIGNING_KEY_FILE: path.join(t.testdir(), 'receipts.pem'),
  }
  const service = await startService(t, { ...settings, ROOT_KEY: first })
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
  const credentials = t.testdir({ root_key: `${first}\n` })
  const byCredential = await startService(t, {
    ...settings,
    ROOT_KEY: '',
    CREDENTIALS_DIRECTORY: credentials,
  })
  byCredential.signal('SIGTERM')
  t.equal(await byCredential.ended, 0, 'systemd may hand it over')
})

t.test('migrate admits the service to the keys database, but not as its owner', async (t) => {
  const { ownerUrl, url } = await emptyKeysDatabase(t)
  const database = await cloneDatabase()
  t.teardown(() => database.drop())

  const migrated = await command(t, 'migrate', {
    OWNER_DATABASE_URL: database.ownerUrl,
    DATABASE_URL: database.url,
    OWNER_KEYS_DATABASE_URL: ownerUrl,
    KEYS_DATABASE_URL: url,
  })
  const owner = await refusal(t, { DATABASE_URL: database.url, KEYS_DATABASE_URL: ownerUrl })
  const status = await command(t, 'keys status', { DATABASE_URL: database.url, KEYS_DATABASE_URL: url })

  t.equal(migrated.exitCode, 0, migrated.sentence)
  t.match(owner.sentence, /^The user of KEYS_DATABASE_URL owns its tables, or is a superuser; /)
  t.match(status.standardOutput, /^Root key: [0-9a-f]{32}\n$/)
})

t.test('the operator rotates the root key and the data keys with commands', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const keysUrl = await ownKeysDatabase(t)
  const [before, after] = [newKey().toString('hex'), newKey().toString('hex')]
  const store = openKeyStore(keysUrl)
  t.teardown(() => store.close())
  await store.addKey(person, wrappedBy(before), now)
  const keys = (what: string, settings: Record<string, string>) =>
    command(t, `keys ${what}`, { DATABASE_URL: database.url, KEYS_DATABASE_URL: keysUrl, ...settings })

  t.match((await keys('', { ROOT_KEY: before })).sentence, /^Usage: npm run cli -- keys status \| rotate/)
  t.match((await keys('rotate-root', { ROOT_KEY: before })).sentence, /^Set ROOT_KEY to the new root key/)
  const rotated = await keys('rotate-root', { ROOT_KEY: after, ROOT_KEY_PREVIOUS: before })
  const ordered = await keys('rotate', { ROOT_KEY: after })
  const status = await keys('status', { ROOT_KEY: after })

  t.match(
    rotated.standardOutput,
    /^1 keys are wrapped by the new root key\.\nThe old root key wraps no key any more\. When every process/,
  )
  t.equal(ordered.exitCode, 0, ordered.sentence)
  t.match(ordered.standardOutput, /^A rotation of keys begins: 1 in total/)
  const orderedAgain = await keys('rotate', { ROOT_KEY: after })
  t.match(
    orderedAgain.standardOutput,
    /^No rotation was started: that of [^\n]+ is in progress, 0 of 1 done\./,
  )
  t.match(status.standardOutput, /\nWrapped by [0-9a-f]{32}: 1\nRotation of [^\n]+: 0 of 1, in progress\n$/)
  const vault = openVault({
    store,
    roots: { current: rootOf(after, 'test') },
    tables: [],
    clock: systemClock,
  })
  await t.resolves(vault.decryptFor(person))
})

t.test(
  'an embedded service creates its root key once, readable only by its owner, and reuses it',
  async (t) => {
    const folder = await dataFolder(t)
    const start = async () => {
      const service = await startService(t, { DATA_FOLDER: folder })
      service.signal('SIGTERM')
      t.equal(await service.ended, 0)
      const file = path.join(folder, 'keys/root.key')
      return { key: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777, file }
    }

    const first = await start()
    const second = await start()

    t.match(first.key, /^[0-9a-f]{64}\n$/)
    t.same(second, first)
    t.equal(first.mode, 0o600)
    await writeFile(first.file, 'spoilt')
    const refused = await refusal(t, { DATA_FOLDER: folder })
    t.match(refused.sentence, /root\.key must hold 64 hexadecimal digits\.\n$/)
  },
)

t.test('keys commands work beside a service with an embedded PostgreSQL and leave it running', async (t) => {
  const folder = await usedDataFolder(t)
  const settings = { DATA_FOLDER: folder }
  const service = await startService(t, settings)
  const root = (await readFile(path.join(folder, 'keys/root.key'), 'utf8')).trim()

  const checkpoint = await command(t, 'ledger checkpoint', settings)
  const rootRotated = await command(t, 'keys rotate-root', {
    ...settings,
    ROOT_KEY: newKey().toString('hex'),
    ROOT_KEY_PREVIOUS: root,
  })
  const rotated = await command(t, 'keys rotate', settings)
  const status = await command(t, 'keys status', settings)
  const migrated = await command(t, 'migrate', settings)

  t.match(JSON.parse(checkpoint.standardOutput), {
    checkpoint: { payload: { purpose: 'ledger-checkpoint' } },
  })
  t.match(rootRotated.standardOutput, /^0 keys are wrapped by the new root key/)
  t.equal(rotated.exitCode, 0, rotated.sentence)
  t.match(status.standardOutput, /^Root key: [0-9a-f]{32}\nRotation of /)
  t.match(migrated.sentence, /is locked: another instance of this service is running on it; stop that one/)
  t.equal((await fetch(`${service.url}/readyz`)).status, 200)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
})

t.test('concurrent commands on an embedded PostgreSQL do not lock each other out', async (t) => {
  const database = await cloneDatabase()
  const name = `pact_command_${randomBytes(4).toString('hex')}`
  t.teardown(async () => {
    await database.drop()
    await asOwner(testServer().serverUrl, `drop role ${name}`)
  })

  const urls = await Promise.all(Array.from({ length: 4 }, () => connectOwnDatabase(database.ownerUrl, name)))

  for (const connectionString of urls) {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.end()
  }
  t.equal(new Set(urls).size, 1, 'nor does one that comes later')
})
