/** Reasons are free text: they can be deleted, and the ledger still verifies. */
import t from 'tap'
import { systemContext } from '../../../src/platform/actions/action-context.ts'
import { makeCheckpoint, verifyLedger } from '../../../src/platform/ledger/checkpoints.ts'
import { platformJobs } from '../../../src/platform/jobs/housekeeping.ts'
import { appendLeaves } from '../../../src/platform/ledger/leaves.ts'
import { makeSigningKey, openSigner } from '../../../src/platform/ledger/receipts.ts'
import { asOwner } from '../../databases.ts'
import { registerUnion, seat } from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'

const reason = 'Mara was arrested.'

async function recalled(t: Parameters<typeof openHouse>[0]) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await seat(house, union, { office: 'delegate' })
  const url = `/v1/mandates/${mara.mandateId}/transitions`
  const body = { move: 'recall', reason }
  t.equal((await house.askFresh('POST', url, { token: union.token, body })).statusCode, 200)
  const told = async () =>
    (await house.ask('GET', url, { token: union.token })).data['data'].map(
      (row: { reason: unknown }) => row.reason,
    )
  const all = async (table: string) => {
    const { rows } = await house.database.read.$client.query(`select * from ${table}`)
    return JSON.stringify(rows)
  }
  return { house, union, mara, told, all }
}

t.test('a reason is shown in the history and is not stored in the ledger', async (t) => {
  const { told, all } = await recalled(t)

  t.same(await told(), [reason])
  t.notMatch(await all('ledger'), /arrested/)
  t.match(await all('transition_reasons'), /arrested/)
})

t.test('erasing a person deletes the reasons about their mandates', async (t) => {
  const { house, union, mara, told, all } = await recalled(t)
  const before = await all('ledger')

  const erased = await house.askFresh('DELETE', `/v1/delegates/${mara.delegateId}`, {
    token: mara.token ?? union.token,
  })

  t.equal(erased.statusCode, 204)
  t.notMatch(await told(), /arrested/)
  t.same(JSON.parse(await all('transition_reasons')), [])
  t.ok((await all('ledger')).startsWith(before.slice(0, -1)), 'the entries stay as they were')
})

t.test('erasing a person deletes the reasons that they wrote', async (t) => {
  const { house, union, all } = await recalled(t)
  await seat(house, union, { office: 'chair' })

  const erased = await house.askFresh('DELETE', `/v1/delegates/${union.delegateId}`, { token: union.token })

  t.equal(erased.statusCode, 204)
  t.same(JSON.parse(await all('transition_reasons')), [])
})

t.test('a reason is deleted after 24 months, and not before', async (t) => {
  const { house, all } = await recalled(t)
  const forget = async () => {
    for (const job of platformJobs.filter(({ name }) => name === 'ledger.forget_reasons'))
      await house.run(job)
  }

  house.travelTo('2028-03-01T10:00:00.000Z')
  await forget()
  t.match(await all('transition_reasons'), /arrested/)
  house.travelTo('2028-03-03T10:00:00.000Z')
  await forget()

  t.same(JSON.parse(await all('transition_reasons')), [])
})

t.test('verification finds a replaced reason and accepts a deleted one', async (t) => {
  const { house } = await recalled(t)
  const context = systemContext(house.database, house.now())
  const { read } = house.database
  const signer = openSigner(makeSigningKey())
  await appendLeaves(context)
  const kept = await makeCheckpoint(read, signer, context.now)
  const verify = () => verifyLedger(read, kept, signer.keys, context.now)
  const tamper = (statement: string) =>
    asOwner(house.ownerUrl, `set session_replication_role = 'replica'; ${statement}`)

  t.match(await verify(), { fault: 'none' })
  await tamper(`update transition_reasons set reason = 'Mara asked for it.'`)
  t.match(await verify(), { fault: 'reason' })
  await tamper('delete from transition_reasons')
  t.match(await verify(), { fault: 'none' })
  await t.rejects(
    asOwner(
      house.ownerUrl,
      `insert into transition_reasons select gen_random_uuid(), now(), 'x', gen_random_uuid();
    update transition_reasons set reason = 'y'`,
    ),
    { code: '23001' },
  )
})
