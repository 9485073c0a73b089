import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { encryptedTables } from '../../../src/features.ts'
import { systemContext } from '../../../src/platform/actions/action-context.ts'
import { newKey, versionOf } from '../../../src/platform/vault/cipher.ts'
import { wrap } from '../../../src/platform/vault/keyring.ts'
import { rotate, deleteSupersededKeys } from '../../../src/platform/vault/rotation.ts'
import { rotateRoot } from '../../../src/platform/vault/root-key-rotation.ts'
import { rootOf } from '../../../src/platform/vault/roots.ts'
import { asOwner, ownKeysDatabase, testVault } from '../../databases.ts'
import { countStatements } from '../../fixtures/statement-counter.ts'
import type { Person } from '../../fixtures/unions.ts'
import {
  atOnce,
  fail,
  peopleWithIdentities,
  anHourAfterKeys,
  readName,
  encryptWithHostKey,
  subjectOf,
  versionsOf,
  writeName,
} from '../../fixtures/encrypted-identities.ts'
import { elevated } from '../../fixtures/second-factor.ts'
import { visitWorld } from '../../fixtures/visits.ts'
import { done, instantAfter } from '../../fixtures/world.ts'
import type { House } from '../../harness.ts'

const peopleCount = 3

const world = (t: Test) => peopleWithIdentities(t, peopleCount)

t.test(
  'rotation does not report the old root key as unused while a process still wraps with it',
  async (t) => {
    const { house, people, store } = await world(t)
    const [previous, current] = [rootOf(testVault.rootKey, 'test'), rootOf(newKey().toString('hex'), 'test')]
    const roots = { current, previous }
    let made = 0
    const anotherProcess = async () => {
      made += 1
      const subject = subjectOf(`018f3c00-0000-7000-8000-${String(made).padStart(12, '0')}`)
      await store.addKey(subject, wrap(previous, subject, 1, newKey()), house.now().toISOString())
    }

    t.match(await rotateRoot(store, roots, anotherProcess), { stillMade: true })
    t.match(await rotateRoot(store, roots, atOnce), { count: 1, stillMade: false }, 'when it runs no longer')

    const damaged = subjectOf('018f3c00-0000-7000-8000-00000000ffff')
    const wrapped = { version: 1, wrapped: randomBytes(60), rootFingerprint: previous.fingerprint }
    await store.addKey(damaged, wrapped, house.now().toISOString())
    const later = subjectOf('018f3c00-0000-7000-8000-0000000fffff')
    await store.addKey(later, wrap(previous, later, 1, newKey()), house.now().toISOString())
    t.match(
      await rotateRoot(store, roots, atOnce),
      { count: 1, stuck: [damaged.id] },
      'one that does not open is named, and those after it are wrapped',
    )
    t.equal(people.length, peopleCount)
  },
)

t.test(
  'one damaged value does not stop the rotation of others, and its person gets no further keys',
  async (t) => {
    const { house, people, context, store } = await world(t)
    const spoilt = people.map(({ delegateId }) => delegateId).sort()[0] as string
    const row = await spoil(house, spoilt)
    house.travelTo(anHourAfterKeys)
    await store.startRotation(house.now().toISOString())
    const told: unknown[] = []
    const tell = (failure: unknown) => void told.push((failure as { code?: string }).code)

    for (let i = 0; i < 3; i++) await rotate(context(), house.vault, tell)

    t.same(told, [`vault_value_damaged identities ${row}`], 'told once, by code, table and row')
    t.same(await store.stuck(), [{ code: 'vault_value_damaged', table: 'identities', row }])
    t.match(await store.rotations(), [
      { total: peopleCount, done: peopleCount - 1, finishedAt: anHourAfterKeys },
    ])
    for (const { delegateId } of people)
      t.same(await versionsOf(store, delegateId), [delegateId === spoilt ? 1 : 2])

    const mended = people.find(({ delegateId }) => delegateId === spoilt) as Person
    t.equal((await writeName(house, mended, 'written anew')).statusCode, 200)
    await rotate(context(), house.vault, fail)
    t.same(await store.stuck(), [])
    t.same(await versionsOf(store, spoilt), [2])
    t.match(
      await store.rotations(),
      [{ done: peopleCount, finishedAt: anHourAfterKeys }],
      'the rotation that had passed it over has gone over it',
    )
    house.travelTo('2026-03-02T12:00:00.000Z')
    t.equal(
      await store.startRotation(house.now().toISOString()),
      true,
      'it stands in no other rotation’s way',
    )
    t.equal(await readName(house, mended), 'written anew')
  },
)

t.test('no data key is deleted while a value is still encrypted with it', async (t) => {
  const { house, people, context, store } = await world(t)
  const [held, ...others] = people as [Person, ...Person[]]
  await asOwner(
    house.ownerUrl,
    `create function keep_as_it_is() returns trigger language plpgsql as 'begin return old; end';
     create trigger kept before update on identities for each row
       when (old.delegate_id = '${held.delegateId}') execute function keep_as_it_is()`,
  )
  house.travelTo(anHourAfterKeys)
  await store.startRotation(house.now().toISOString())
  const told: unknown[] = []

  await rotate(context(), house.vault, (failure) => void told.push((failure as { code?: string }).code))

  t.match(told, [/^vault_value_left_behind identities /])
  for (const { delegateId } of others) t.same(await versionsOf(store, delegateId), [2])
  t.same(await versionsOf(store, held.delegateId), [1, 2])
  t.equal(await readName(house, held), held.delegateId)
})

t.test('the old key of a deleted value is deleted after a damaged value beside it is repaired', async (t) => {
  const { house, people, context, store } = await world(t)
  const [mended, removed, waiting] = people as [Person, Person, Person]
  for (const person of people) {
    await renewKeyOf(house, person)
    await spoil(house, person.delegateId)
  }
  const told: unknown[] = []
  const shred = () => deleteSupersededKeys(context(), house.vault, (failure) => void told.push(failure))
  await shred()
  await shred()
  t.equal(told.length, peopleCount, 'each is told once')

  t.equal((await writeName(house, mended, 'written anew')).statusCode, 200)
  const removal = { token: removed.token, headers: { 'if-match': '*' } }
  t.equal(
    (await house.ask('DELETE', `/v1/delegates/${removed.delegateId}/identity`, removal)).statusCode,
    204,
  )
  await shred()

  t.same(await versionsOf(store, mended.delegateId), [2])
  t.same(await versionsOf(store, removed.delegateId), [3])
  t.same(await versionsOf(store, waiting.delegateId), [1, 2], 'what is not mended keeps its key')
  t.equal((await store.stuck()).length, 1)
})

t.test('a damaged old key makes only its own values unreadable', async (t) => {
  const { house, people, context, store, keysUrl } = await world(t)
  const [person] = people as [Person]
  await renewKeyOf(house, person)
  await asOwner(
    keysUrl,
    `update wrapped_keys set wrapped = set_bit(wrapped, 300, 1 - get_bit(wrapped, 300))
      where subject_id = '${person.delegateId}' and version = 1`,
  )

  t.equal((await writeName(house, person, 'by the new key')).statusCode, 200)
  t.equal(await readName(house, person), 'by the new key')
  const told: unknown[] = []
  await deleteSupersededKeys(
    context(),
    house.vault,
    (failure) => void told.push((failure as { code?: string }).code),
  )
  t.match(told, [/^vault_value_damaged second_factors /], 'which value it was that it opened')
  t.same(await versionsOf(store, person.delegateId), [1, 2])
})

t.test('a rotation re-encrypts every encrypted table completely', async (t) => {
  const keysUrl = await ownKeysDatabase(t)
  const world = await visitWorld(t, { keysUrl })
  const { host, house } = world
  await elevated(house, host)
  await writeName(house, host, 'Ivan Canary')
  const channels = [{ kind: 'post', address: 'Box 7' }]
  done(await house.ask('PUT', `${host.url}/contact-channels`, { token: host.token, body: { channels } }))
  const urls = []
  for (const older of [false, true]) {
    const visitId = await world.visitIn('accepted')
    const url = `/v1/visits/${visitId}/itinerary`
    done(await house.ask('PUT', url, { token: host.token, body: { items } }))
    if (older) await encryptWithHostKey(house, { visitId, hostId: host.id, items })
    urls.push(url)
  }
  const before = await sealedIn(house)
  t.same([...before.keys()].sort(), [...new Set(encryptedTables.map(({ table }) => table))].sort())
  house.travelTo(instantAfter(house, 1))
  await house.vault.store.startRotation(house.now().toISOString())

  await rotate(systemContext(house.database, house.now()), house.vault, fail)

  const after = await sealedIn(house)
  for (const [table, values] of after) {
    t.ok(values.length > 0, table)
    t.same(
      values.map(versionOf),
      values.map(() => 2),
      `${table} is sealed by the new keys`,
    )
  }
  t.equal(await readName(house, host), 'Ivan Canary')
  const read200 = async (url: string) => (await house.ask('GET', url, { token: host.token })).data
  t.match(await read200(`${host.url}/contact-channels`), { channels })
  for (const url of urls) t.match(await read200(url), { items })
  for (const id of [host.id, host.delegateId]) t.same(await versionsOf(house.vault.store, id), [2])
})

t.test('re-encrypting three rows takes as many statements as one row', async (t) => {
  const keysUrl = await ownKeysDatabase(t)
  const world = await visitWorld(t, { keysUrl })
  const { host, house } = world
  await elevated(house, host)
  const count = countStatements(t, /^update "itineraries"/)
  const rotated = async (more: number) => {
    for (let i = 0; i < more; i++) {
      const visitId = await world.visitIn('proposed')
      done(
        await house.ask('PUT', `/v1/visits/${visitId}/itinerary`, { token: host.token, body: { items: [] } }),
      )
      await encryptWithHostKey(house, { visitId, hostId: host.id, items })
    }
    house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())
    await house.vault.store.startRotation(house.now().toISOString())
    return count(() => rotate(systemContext(house.database, house.now()), house.vault, fail))
  }

  const [one, three] = [await rotated(1), await rotated(2)]

  t.equal(one.statements, 1)
  t.equal(three.statements, 1)
  t.same(await versionsOf(house.vault.store, host.id), [3])
})

const items = [
  {
    startsAt: '2020-10-23T08:00:00.000Z',
    endsAt: '2020-10-23T10:00:00.000Z',
    place: 'Gate 3',
    activity: 'Talk',
  },
]

/** As a deletion does it. */
const renewKeyOf = (house: House, { delegateId }: Person) =>
  house.database.transaction((tx) => house.vault.renew(tx, subjectOf(delegateId), anHourAfterKeys))

/** All encrypted values by table. */
async function sealedIn(house: House): Promise<Map<string, Buffer[]>> {
  const found = new Map<string, Buffer[]>()
  for (const { table, columns } of encryptedTables) {
    const { rows } = await house.database.read.$client.query(`select ${columns.join(', ')} from ${table}`, [])
    const values = (rows as Record<string, Buffer | null>[]).flatMap((row) => Object.values(row))
    found.set(
      table,
      values.filter((value) => value !== null),
    )
  }
  return found
}

/** Flips one bit of the encrypted name. Returns the row. */
async function spoil(house: House, delegateId: string): Promise<string> {
  const { rows } = await house.database.transaction((tx) =>
    tx.execute<{ id: string }>(
      sql`update identities set legal_name = set_bit(legal_name, 300, 1 - get_bit(legal_name, 300))
        where delegate_id = ${delegateId} returning id`,
    ),
  )
  return rows[0]?.id ?? ''
}

t.test(
  'every bytea column is encrypted by the vault, or is on the list of hashes and public values',
  async (t) => {
    const { house } = await world(t)

    const { rows } = await house.database.read.$client.query(
      `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and data_type = 'bytea' order by 1`,
      [],
    )

    const sealed = encryptedTables.flatMap(({ table, columns }) =>
      columns.map((column) => `${table}.${column}`),
    )
    t.same(
      (rows as { name: string }[]).map(({ name }) => name),
      [...new Set([...sealed, ...notSealed])].sort(),
    )
  },
)

/** Hashes, signatures, and answers that only the client's key decrypts. */
const notSealed = [
  'enrolment_links.hash',
  'idempotency_keys.answer',
  'idempotency_keys.fingerprint',
  'idempotency_keys.hash',
  'invitations.hash',
  'ledger_leaves.hash',
  'offer_links.hash',
  'tokens.hash',
]
