import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { encryptedTables } from '../../../src/features.ts'
import { codeOf } from '../../../src/platform/database/sqlstate.ts'
import { newKey } from '../../../src/platform/vault/cipher.ts'
import { wrap } from '../../../src/platform/vault/keyring.ts'
import { rotate } from '../../../src/platform/vault/rotation.ts'
import { rotateRoot } from '../../../src/platform/vault/root-key-rotation.ts'
import { rootOf, type Root } from '../../../src/platform/vault/roots.ts'
import { openKeyStore, type KeyStore } from '../../../src/platform/vault/store.ts'
import { openVault, requireRoots, type Vault } from '../../../src/platform/vault/vault.ts'
import { testVault } from '../../databases.ts'
import type { Person } from '../../fixtures/unions.ts'
import {
  atOnce,
  fail,
  peopleWithIdentities,
  anHourAfterKeys,
  readName,
  subjectOf,
  versionsOf,
  writeName,
} from '../../fixtures/encrypted-identities.ts'
import type { House } from '../../harness.ts'

const peopleCount = 5
const waitedInVain = '55P03'
/** On a slow machine one of six may time out on a person's lock and leave it to the next round. */
const unlessBusy = (failure: unknown) => {
  if (codeOf(failure) !== waitedInVain) throw failure
}

const world = (t: Test) => peopleWithIdentities(t, peopleCount)

t.test(
  'a rotation of data keys runs beside the service, continues after an interruption and reports progress',
  async (t) => {
    const { house, people, context, store } = await world(t)
    const before = await sealedBytes(house)
    house.travelTo(anHourAfterKeys)
    t.equal(await store.startRotation(house.now().toISOString()), true)
    t.equal(await store.startRotation(house.now().toISOString()), false, 'one is under way')

    await rotate(context(), house.vault, fail, 2)

    t.match(
      await store.rotations(),
      [{ total: peopleCount, done: 2, finishedAt: null }],
      'one, and not at its end',
    )
    for (const person of people)
      t.equal(await readName(house, person), person.delegateId, 'half-way all are read')
    t.equal((await writeName(house, people[0] as Person, 'half-way')).statusCode, 200)
    await rotate(context(), house.vault, fail)
    t.match(await store.rotations(), [{ total: peopleCount, done: peopleCount, finishedAt: anHourAfterKeys }])
    for (const person of people) {
      t.same(await versionsOf(store, person.delegateId), [2], 'the old key is gone')
      t.equal(await readName(house, person), person === people[0] ? 'half-way' : person.delegateId)
    }
    const after = await sealedBytes(house)
    t.equal(after.filter((bytes) => before.includes(bytes)).length, 0, 'every value is sealed anew')
    await rotate(context(), house.vault, fail)
    t.equal((await store.rotations()).length, 1, 'without a new order nothing more is done')
  },
)

t.test('values written during a rotation can be read afterwards', async (t) => {
  const { house, people, context, store } = await world(t)
  house.travelTo(anHourAfterKeys)
  await store.startRotation(house.now().toISOString())

  const writing = people.map(async (person) => {
    for (let i = 1; i <= 10; i++) t.equal((await writeName(house, person, `${i}`)).statusCode, 200)
  })
  await Promise.all([
    ...writing,
    ...Array.from({ length: 6 }, () => rotate(context(), house.vault, unlessBusy)),
  ])
  await rotate(context(), house.vault, fail)

  for (const person of people) {
    t.equal(await readName(house, person), '10')
    t.same(await versionsOf(store, person.delegateId), [2], 'one new key, however many went over it')
  }
  t.match(await store.rotations(), [{ total: peopleCount, done: peopleCount, finishedAt: anHourAfterKeys }])
})

t.test('a rotation of the root key wraps all keys again, and the old root key opens none', async (t) => {
  const { house, people, keysUrl } = await world(t)
  const [previous, current] = [rootOf(testVault.rootKey, 'test'), rootOf(newKey().toString('hex'), 'test')]
  const store = openKeyStore(keysUrl)
  t.teardown(() => store.close())
  const nameReadWith = async (root: Root) => {
    const parts = { store, roots: { current: root }, tables: encryptedTables, clock: house.now }
    const open = await openVault(parts).decryptFor(subjectOf(people[0]?.delegateId ?? ''))
    const { rows } = await house.database.read.$client.query(
      'select id, legal_name from identities where delegate_id = $1',
      [people[0]?.delegateId],
    )
    const { id: row, legal_name: sealed } = rows[0] as { id: string; legal_name: Buffer }
    return open({ table: 'identities', column: 'legal_name', row }, sealed)
  }

  t.equal(await nameReadWith(previous), people[0]?.delegateId)
  await t.rejects(nameReadWith(current), { message: 'vault_key_missing' })
  await t.rejects(requireRoots(store, { current }), /ROOT_KEY is not the one that wrapped the keys/)
  const roots = { current, previous }
  let counted = 0
  const overtaken: KeyStore = {
    ...store,
    wrappedBy: async (...asked) => {
      const batch = await store.wrappedBy(...asked)
      counted += (await rotateRoot(store, roots, atOnce)).count
      return batch
    },
  }
  t.match(await rotateRoot(overtaken, roots, atOnce), { count: 0, stuck: [], stillMade: false })
  t.equal(counted, peopleCount, 'whoever comes first counts it, and nobody else')
  t.match(await rotateRoot(store, roots, atOnce), { count: 0, stuck: [] }, 'done once')
  t.same(await store.byRoot(), [{ fingerprint: current.fingerprint, keys: peopleCount }])
  t.equal(await nameReadWith(current), people[0]?.delegateId)
  await t.rejects(nameReadWith(previous), { message: 'vault_key_missing' })
  await requireRoots(store, { current })
})

t.test('a rotation visits each subject once', async (t) => {
  const { house, context, store } = await peopleWithIdentities(t, 0)
  const root = rootOf(testVault.rootKey, 'test')
  const ids = Array.from({ length: 120 }, (_, i) => `018f3c00-0000-7000-8000-${String(i).padStart(12, '0')}`)
  for (const subject of ids.map(subjectOf))
    await store.addKey(subject, wrap(root, subject, 1, newKey()), house.now().toISOString())
  house.travelTo(anHourAfterKeys)
  await store.startRotation(house.now().toISOString())
  const begun: (string | undefined)[] = []
  const unrotated: KeyStore['unrotated'] = (rotation, batch) => {
    begun.push(batch.after)
    return store.unrotated(rotation, batch)
  }
  const vault: Vault = { ...house.vault, store: { ...store, unrotated } }

  await rotate(context(), vault, fail)

  t.same(begun, [undefined, ids[49], ids[99], ids[119], undefined], 'from its end on, and once more at last')
  t.match(await store.rotations(), [{ total: ids.length, done: ids.length, finishedAt: anHourAfterKeys }])
})

t.test('the keys database refuses to delete a tombstone or to give an erased person a key', async (t) => {
  const { house, keysUrl, store } = await world(t)
  const subject = { kind: 'person', id: '018f3c00-0000-7000-8000-000000000001' } as const
  const now = house.now().toISOString()
  await house.database.transaction((tx) => house.vault.encryptFor(tx, subject, now))
  t.equal((await store.keysOf(subject.id)).length, 1)

  await house.vault.erase(subject, now)

  t.same(await store.keysOf(subject.id), [])
  const wrapped = { version: 1, wrapped: randomBytes(60), rootFingerprint: 'x' }
  await t.rejects(store.addKey(subject, wrapped, now), { code: '23001' })
  const service = new pg.Client({ connectionString: keysUrl })
  await service.connect()
  t.teardown(() => service.end())
  for (const attempt of [
    'delete from tombstones',
    'update tombstones set subject_id = null',
    'drop table tombstones',
  ])
    await t.rejects(service.query(attempt), { code: '42501' })
})

async function sealedBytes(house: House): Promise<string[]> {
  const { rows } = await house.database.read.$client.query('select legal_name from identities', [])
  return (rows as { legal_name: Buffer }[]).map(({ legal_name: bytes }) => bytes.toString('hex'))
}
