/** A deleted value cannot be decrypted any more, even with a backup of the main database. */
import t, { type Test } from 'tap'
import { systemContext } from '../../../src/platform/actions/action-context.ts'
import { deleteSupersededKeys } from '../../../src/platform/vault/rotation.ts'
import { visitJobsWith } from '../../../src/visits/jobs.ts'
import { backUp, restore } from '../../fixtures/backups.ts'
import { encryptWithHostKey } from '../../fixtures/encrypted-identities.ts'
import { elevated } from '../../fixtures/second-factor.ts'
import { visitWorld } from '../../fixtures/visits.ts'
import { done } from '../../fixtures/world.ts'
import { openHouse, type House } from '../../harness.ts'

const items = [
  {
    startsAt: '2020-10-23T08:00:00.000Z',
    endsAt: '2020-10-23T10:00:00.000Z',
    place: 'Gate 3',
    activity: 'Talk',
  },
]
const fail = (failure: unknown) => {
  throw failure
}

async function written(t: Test) {
  const world = await visitWorld(t)
  const { host, house } = world
  await elevated(house, host)
  const visitId = await world.visitIn('accepted')
  const urls = {
    identity: `/v1/delegates/${host.delegateId}/identity`,
    channels: `${host.url}/contact-channels`,
    itinerary: `/v1/visits/${visitId}/itinerary`,
  }
  const put = async (url: string, body: object) =>
    done(await house.ask('PUT', url, { token: host.token, body }))
  await put(urls.identity, { legalName: 'Ivan Canary' })
  await put(urls.channels, { channels: [{ kind: 'post', address: 'Box 7' }] })
  await put(urls.itinerary, { items })
  return { ...world, urls, visitId }
}

/** What the same person reads in a database restored from the backup, with the same clock and the same keys. */
async function readsFrom(t: Test, house: House, backup: Awaited<ReturnType<typeof backUp>>) {
  const restored = await openHouse(t, { from: await restore(backup), now: house.now().toISOString() })
  return (url: string, token: string) => restored.ask('GET', url, { token })
}

t.test('with an older backup, deleted values stay unreadable and others open', async (t) => {
  const { house, host, urls, visitId } = await written(t)
  const backup = await backUp(house.ownerUrl)
  const kept = await readsFrom(t, house, backup)
  for (const url of Object.values(urls))
    t.equal((await kept(url, host.token)).statusCode, 200, `${url} opens while it is there`)

  for (const url of Object.values(urls))
    t.equal((await house.askFresh('DELETE', url, { token: host.token })).statusCode, 204, url)

  const read = await readsFrom(t, house, backup)
  for (const url of Object.values(urls)) {
    const answer = await read(url, host.token)
    t.match(answer.data, { status: 503, code: 'vault_key_missing' }, url)
    t.notMatch(answer.body, /Canary|Box 7|Gate/)
  }
  t.equal((await house.vault.store.keysOf(host.delegateId)).length, 1, 'the second factor has a new key')
  t.same(await house.vault.store.keysOf(host.id), [], 'what has nothing left to open is gone')
  t.same(await house.vault.store.keysOf(visitId), [])
  house.travelTo(new Date(house.now().getTime() + 20 * 60_000).toISOString())
  await elevated(house, host)
})

t.test('deleting an itinerary deletes its key, also after an interruption', async (t) => {
  const { house, host, urls, visitId } = await written(t)
  const forgetting = visitJobsWith(house.vault).find(({ name }) => name === 'itineraries.forget')
  if (!forgetting) throw new Error('no job forgets itineraries')
  const { store } = house.vault
  const before = await store.keysOf(host.id)

  house.travelTo('2020-11-10T18:00:00.000Z')
  await house.run(forgetting)
  t.equal((await store.keysOf(visitId)).length, 2, 'as if killed after the commit')
  await deleteSupersededKeys(systemContext(house.database, house.now()), house.vault, fail)

  t.same(await store.keysOf(visitId), [])
  t.same(await store.keysOf(host.id), before, 'what the host keeps is as it was')
  t.match((await house.ask('GET', urls.channels, { token: host.token })).data, { version: 1 })
})

t.test('calling a visit off deletes the key of its itinerary at once', async (t) => {
  const { house, host, visitor, urls, visitId, move } = await written(t)
  const { store } = house.vault
  const before = await store.keysOf(host.id)
  const backup = await backUp(house.ownerUrl)
  const kept = await readsFrom(t, house, backup)
  t.equal((await kept(urls.itinerary, host.token)).statusCode, 200, 'it opens while the visit stands')

  done(await move(visitId, 'cancel', visitor.token))

  const read = await readsFrom(t, house, backup)
  const answer = await read(urls.itinerary, host.token)
  t.match(answer.data, { status: 503, code: 'vault_key_missing' })
  t.notMatch(answer.body, /Gate/)
  t.same(await store.keysOf(visitId), [])
  t.same(await store.keysOf(host.id), before, 'what the host keeps is as it was')
})

t.test(
  'calling a visit off deletes an itinerary under the host’s key, and other values of the host still open',
  async (t) => {
    const { house, host, urls, visitId, move } = await written(t)
    await encryptWithHostKey(house, { visitId, hostId: host.id, items })
    const backup = await backUp(house.ownerUrl)
    const kept = await readsFrom(t, house, backup)
    t.match((await kept(urls.itinerary, host.token)).data, { items })

    done(await move(visitId, 'cancel', host.token))

    const read = await readsFrom(t, house, backup)
    t.match((await read(urls.itinerary, host.token)).data, { status: 503, code: 'vault_key_missing' })
    t.match((await house.ask('GET', urls.channels, { token: host.token })).data, { version: 1 })
  },
)

t.test('a deletion that is rolled back loses nothing', async (t) => {
  const { house, host, urls } = await written(t)
  const subject = { kind: 'organisation', id: host.id } as const

  await t.rejects(
    house.database.transaction(async (tx) => {
      await house.vault.renew(tx, subject, house.now().toISOString())
      throw new Error('killed')
    }),
    { message: 'killed' },
  )
  t.match((await house.ask('GET', urls.channels, { token: host.token })).data, { version: 1 })
  await deleteSupersededKeys(systemContext(house.database, house.now()), house.vault, fail)

  t.match((await house.ask('GET', urls.channels, { token: host.token })).data, { version: 1 })
  t.same(
    (await house.vault.store.keysOf(host.id)).map(({ version }) => version),
    [2],
  )
})

t.test(
  'losing the second factor deletes the keys of identity and factor, so a backup opens neither',
  async (t) => {
    const { house, host } = await written(t)
    const backup = await backUp(house.ownerUrl)

    t.equal((await house.ask('DELETE', '/v1/me/second-factor', { token: host.token })).statusCode, 204)

    t.same(await house.vault.store.keysOf(host.delegateId), [])
    const read = await readsFrom(t, house, backup)
    const answer = await read(`/v1/delegates/${host.delegateId}/identity`, host.token)
    t.match(answer.data, { status: 503, code: 'vault_key_missing' })
  },
)
