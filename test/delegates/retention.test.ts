/** Reads of identities are stored for 24 months and shown to the person. */
import t from 'tap'
import { delegateJobs } from '../../src/delegates/jobs.ts'
import { asOwner } from '../databases.ts'
import { registerUnion } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

/** Long ago, because the database uses its own clock. */
const then = '2020-10-23T10:00:00.000Z'

t.test(
  'identity reads and the reasons of disclosures are deleted after 24 months, and not earlier',
  async (t) => {
    const house = await openHouse(t, { now: then })
    const mara = await registerUnion(house)
    const [one, other] = [
      await registerUnion(house, { name: 'One' }),
      await registerUnion(house, { name: 'Other' }),
    ]
    const disclosed = (at: string) =>
      asOwner(
        house.ownerUrl,
        `with asked as (
        insert into disclosures (id, created_at, updated_at, delegate_id, reason, requested_by_id, requested_mandate_id,
          requested_for_id, granted_by_id, granted_mandate_id, granted_for_id, granted_at, expires_at)
        values (gen_random_uuid(), '${at}', '${at}', '${mara.delegateId}', 'Arrested.', '${one.delegateId}', '${one.mandateId}',
          '${one.id}', '${other.delegateId}', '${other.mandateId}', '${other.id}', '${at}', '${at}') returning id)
      insert into identity_reads (id, created_at, delegate_id, reader_id, disclosure_id)
        select gen_random_uuid(), '${at}', '${mara.delegateId}', '${one.delegateId}', id from asked`,
      )
    await disclosed(then)
    await disclosed('2022-10-01T10:00:00.000Z')
    const kept = async () => {
      const { rows } = await house.database.read.$client.query(
        `select (select count(*)::int from identity_reads) as reads, array(select reason from disclosures order by expires_at) as reasons`,
      )
      return rows[0]
    }
    const forget = async () => {
      for (const job of delegateJobs.filter(({ name }) => /^(identity_reads|disclosures)\.forget/.test(name)))
        await house.run(job)
    }

    house.travelTo('2022-10-22T10:00:00.000Z')
    await forget()
    t.same(await kept(), { reads: 2, reasons: ['Arrested.', 'Arrested.'] })
    house.travelTo('2022-10-25T10:00:00.000Z')
    await forget()

    t.same(await kept(), { reads: 1, reasons: ['', 'Arrested.'] })
  },
)

t.test('the database refuses to delete an identity read before 24 months', async (t) => {
  const house = await openHouse(t)
  const mara = await registerUnion(house)
  const reading = `insert into identity_reads (id, created_at, delegate_id, reader_id, participant_id)
    values (gen_random_uuid(), now(), '${mara.delegateId}', '${mara.delegateId}', gen_random_uuid())`

  await asOwner(house.ownerUrl, reading)

  await t.rejects(asOwner(house.ownerUrl, 'delete from identity_reads'), { code: '23001' })
  await t.rejects(asOwner(house.ownerUrl, 'update identity_reads set created_at = now()'), { code: '23001' })
})
