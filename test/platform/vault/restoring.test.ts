import t from 'tap'
import { erasureJob } from '../../../src/delegates/erasure/jobs.ts'
import { features } from '../../../src/features.ts'
import { reactionsOf } from '../../../src/platform/feature.ts'
import { registerUnion, seat } from '../../fixtures/unions.ts'
import { backUp, restore } from '../../fixtures/backups.ts'
import { elevated } from '../../fixtures/second-factor.ts'
import { openHouse } from '../../harness.ts'

t.test('a backup of the main database does not restore an erased person', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const [mara, other] = [
    await elevated(house, await seat(house, union, { office: 'delegate' })),
    await elevated(house, await seat(house, union, { office: 'chair' })),
  ]
  const identity = (id: string) => `/v1/delegates/${id}/identity`
  for (const { delegateId, token } of [mara, other]) {
    const written = await house.ask('PUT', identity(delegateId), {
      token,
      body: { legalName: 'Ivan Canary' },
    })
    t.equal(written.statusCode, 200, written.body)
  }
  const backup = await backUp(house.ownerUrl)
  const erased = await house.askFresh('DELETE', `/v1/delegates/${mara.delegateId}`, { token: mara.token })
  t.equal(erased.statusCode, 204, erased.body)

  const restored = await openHouse(t, { from: await restore(backup) })

  const gone = await restored.ask('GET', identity(mara.delegateId), { token: mara.token })
  t.match(gone.data, { status: 410, code: 'erased' })
  t.notMatch(gone.body, 'Canary')
  const rewritten = await restored.ask('PUT', identity(mara.delegateId), { token: mara.token, body: {} })
  t.match(rewritten.data, { status: 410, code: 'erased' }, 'nor do they get a new key')
  const spared = await restored.ask('GET', identity(other.delegateId), { token: other.token })
  t.match(spared.data, { legalName: 'Ivan Canary' }, 'whoever was not erased is read from the same backup')

  await restored.run(erasureJob({ vault: restored.vault, ...reactionsOf(features) }))

  t.equal((await restored.ask('GET', identity(mara.delegateId), { token: mara.token })).statusCode, 401)
  const left = await restored.ask('GET', `/v1/delegates/${mara.delegateId}`, { token: union.token })
  t.match(left.data, { displayName: 'Erased person' })
  const { rows } = await restored.database.read.$client.query('select delegate_id from identities', [])
  t.same(rows, [{ delegate_id: other.delegateId }])
  t.equal((await restored.ask('GET', identity(other.delegateId), { token: other.token })).statusCode, 200)
})

t.test('erasure deletes the key first, and the rows follow after an interruption', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await elevated(house, await seat(house, union, { office: 'delegate' }))
  const url = `/v1/delegates/${mara.delegateId}/identity`
  await house.ask('PUT', url, { token: mara.token, body: { phone: '12345' } })

  // The main database was lost after the key was shredded, but before its own commit.
  await house.vault.erase({ kind: 'person', id: mara.delegateId }, house.now().toISOString())
  t.match((await house.ask('GET', url, { token: mara.token })).data, { status: 410, code: 'erased' })
  await house.run(erasureJob({ vault: house.vault, ...reactionsOf(features) }))

  t.equal((await house.ask('GET', url, { token: mara.token })).statusCode, 401)
})
