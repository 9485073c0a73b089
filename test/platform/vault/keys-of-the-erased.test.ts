/** An erased person has no key, in whatever order things happen. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { systemClock } from '../../../src/platform/clock.ts'
import { newKey } from '../../../src/platform/vault/cipher.ts'
import { unwrap, wrap } from '../../../src/platform/vault/keyring.ts'
import { rootOf } from '../../../src/platform/vault/roots.ts'
import { openKeyStore, type KeyStore, type WrappedKey } from '../../../src/platform/vault/store.ts'
import { openVault } from '../../../src/platform/vault/vault.ts'
import { asOwner, emptyKeysDatabase, ownKeysDatabase, testVault } from '../../databases.ts'
import { provisionOwnKeys } from '../../../src/provision-database.ts'

const races = 150
const now = '2026-03-02T10:00:00.000Z'
const root = rootOf(testVault.rootKey, 'test')
const someone = () => ({ kind: 'person', id: crypto.randomUUID() }) as const

/** Counts the subjects that have a key and a tombstone after both requests came together. */
async function keysBesideTombstones(store: KeyStore): Promise<number> {
  let found = 0
  for (let i = 0; i < races; i++) {
    const subject = someone()
    await store.addKey(subject, wrap(root, subject, 1, newKey()), now)
    await Promise.allSettled([
      store.erase(subject, now),
      store.addKey(subject, wrap(root, subject, 2, newKey()), now),
    ])
    if ((await store.keysOf(subject.id)).length > 0) found += 1
  }
  return found
}

/** Requests a key after the subject was shredded, but before that is committed. */
async function keysMadeBeforeTheCommit(store: KeyStore, keysUrl: string): Promise<number> {
  const subject = someone()
  const shredding = new pg.Client({ connectionString: keysUrl })
  await shredding.connect()
  await shredding.query('begin')
  await shredding.query(
    `insert into tombstones (subject_id, subject_kind, erased_at) values ($1, 'person', $2)`,
    [subject.id, now],
  )
  await store.addKey(subject, wrap(root, subject, 1, newKey()), now)
  await shredding.query('commit')
  await shredding.end()
  return (await store.keysOf(subject.id)).length
}

t.test('a key made during the erasure of its subject is refused or deleted', async (t) => {
  const { ownerUrl, url } = await emptyKeysDatabase(t)
  const keysUrl = await provisionOwnKeys(ownerUrl, new URL(url).username)
  const store = openKeyStore(keysUrl)
  t.teardown(() => store.close())

  t.equal(await keysBesideTombstones(store), 0)

  await asOwner(
    ownerUrl,
    `create or replace function hold_subject(sought uuid) returns void language sql as ''`,
  )
  t.equal(
    await keysMadeBeforeTheCommit(store, keysUrl),
    1,
    'without the lock, one slips in before the tombstone is seen',
  )
})

t.test('a key fetched during the erasure of its subject is not cached', async (t) => {
  const store = openKeyStore(await ownKeysDatabase(t))
  t.teardown(() => store.close())
  const subject = someone()
  const [fetched, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow: KeyStore = {
    ...store,
    keysOf: async (id) => {
      const keys = await store.keysOf(id)
      fetched.resolve()
      await goOn.promise
      return keys
    },
  }
  await store.addKey(subject, wrap(root, subject, 1, newKey()), now)
  const vault = openVault({ store: slow, roots: { current: root }, tables: [], clock: systemClock })

  const opening = vault.decryptFor(subject)
  await fetched.promise
  await vault.erase(subject, now)
  goOn.resolve()
  await opening

  const open = await vault.decryptFor(subject)
  const sealed = Buffer.concat([Buffer.from([0, 0, 0, 1]), randomBytes(40)])
  const place = { table: 'identities', column: 'phone', row: subject.id }
  await t.rejects(open(place, sealed), { message: 'erased' })
})

t.test('a damaged wrapped key is reported as damaged', async (t) => {
  const keysUrl = await ownKeysDatabase(t)
  const store = openKeyStore(keysUrl)
  t.teardown(() => store.close())
  const subject = someone()
  await store.addKey(subject, wrap(root, subject, 1, newKey()), now)
  const service = new pg.Client({ connectionString: keysUrl })
  await service.connect()
  t.teardown(() => service.end())
  await service.query('update wrapped_keys set wrapped = $1', [randomBytes(60)])
  const roots = { current: root }
  const open = await openVault({ store, roots, tables: [], clock: systemClock }).decryptFor(subject)
  const [damaged] = await store.keysOf(subject.id)

  t.throws(() => unwrap(roots, subject, damaged as WrappedKey), { message: 'vault_value_damaged' })
  const sealed = Buffer.concat([Buffer.from([0, 0, 0, 1]), randomBytes(40)])
  const place = { table: 'identities', column: 'phone', row: subject.id }
  await t.rejects(open(place, sealed), { message: 'vault_value_damaged' })
})

t.test('all processes share one service secret, which survives a rotation of the root key', async (t) => {
  const store = openKeyStore(await ownKeysDatabase(t))
  t.teardown(() => store.close())
  const vaultOf = (current = root) => openVault({ store, roots: { current }, tables: [], clock: systemClock })

  const [first, second] = await Promise.all([
    vaultOf().secretFor('accounts', now),
    vaultOf().secretFor('accounts', now),
  ])

  t.same(first, second)
  t.notSame(first, await vaultOf().secretFor('else', now))
  await store.startRotation('2026-03-03T10:00:00.000Z')
  t.match(await store.rotations(), [{ total: 0 }], 'and no rotation changes it')
})
