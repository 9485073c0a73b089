/** After 24 months entries about a person no longer name them, and everybody can still verify that the ledger is the same. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { platformJobs } from '../../../src/platform/jobs/housekeeping.ts'
import { allLedgerObjects, personalObjects } from '../../../src/platform/ledger/objects.ts'
import { restColumns } from '../../../src/platform/ledger/ledger.ts'
import { restHashOf } from '../../../src/platform/ledger/leaves.ts'
import { sealedLedger } from '../../fixtures/ledgers.ts'
import type { House } from '../../harness.ts'

/** Long ago, because the database uses its own clock. */
const then = '2020-10-23T10:00:00.000Z'
const almost = '2022-10-22T10:00:00.000Z'
const after = '2022-10-25T10:00:00.000Z'
const nothing = `salt = null, transaction_id = null, subject_id = null, subject_version = null, organisation_id = null,
  actor_kind = null, actor_id = null, mandate_id = null, request_id = null, move = null, from_status = null,
  to_status = null, reason_digest = null, details = null`

const redact = async (house: House) => {
  for (const job of platformJobs.filter(({ name }) => name === 'ledger.redact')) await house.run(job)
}

async function asService(t: Test, house: House) {
  const client = new pg.Client({ connectionString: house.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

t.test(
  'personal columns of the ledger are redacted after 24 months, and the ledger still verifies',
  async (t) => {
    const { house, verify, leaves, kept } = await sealedLedger(t, { unions: 2, now: then })
    const { $client } = house.database.read
    const emptied = `select type, num_nonnulls(subject_id, actor_id, request_id, details, salt)::int as left from ledger
    where rest_hash is not null`

    house.travelTo(almost)
    await redact(house)
    t.same((await $client.query(emptied)).rows, [], 'not a day too early')
    house.travelTo(after)
    await redact(house)
    await redact(house)

    const { rows } = await $client.query(emptied)
    t.same(
      new Set(rows.map((row) => (row as { type: string }).type)),
      new Set(['delegate.created', 'mandate.activated', 'token.minted']),
    )
    t.ok(rows.every((row) => (row as { left: number }).left === 0))
    t.same(await verify(), { fault: 'none', size: leaves.length, since: 0 })
    t.equal(kept.leaves.length, leaves.length)
    const whole = await $client.query(
      'select from ledger where rest_hash is null and num_nulls(subject_id, request_id, details) = 0',
    )
    t.equal(whole.rowCount, leaves.length - rows.length, 'what is of organisations stays')
  },
)

t.test(
  'verification finds a redaction that is too early, repeated or of other entries, and its place',
  async (t) => {
    const young = '2026-03-02T10:00:00.000Z'
    for (const [how, now, of, change, fault] of [
      ['an organisation’s matter', then, 'organisation.registered', nothing, 'redacted'],
      ['too early', young, 'mandate.activated', nothing, 'redacted'],
      ['with something left beside it', then, 'mandate.activated', `actor_id = gen_random_uuid()`, 'changed'],
    ] as const) {
      const { house, tamper, verify, leaves } = await sealedLedger(t, { unions: 1, now })
      const leaf = leaves.find(({ entry }) => entry?.type === of)
      if (!leaf?.entry) throw new Error('it is there')
      if (now === then) house.travelTo(after)
      await tamper(`alter table ledger drop constraint ledger_whole_or_redacted;
      update ledger set rest_hash = '${restHashOf(leaf.entry)}', ${change} where id = '${leaf.entryId}'`)
      t.match(await verify(), { fault, index: leaf.index, entryId: leaf.entryId }, how)
    }

    const { house, tamper, verify, leaves } = await sealedLedger(t, { unions: 1, now: then })
    house.travelTo(after)
    await redact(house)
    await tamper(`update ledger set rest_hash = 'x' || rest_hash where type = 'token.minted'`)
    t.match(await verify(), { fault: 'changed' }, 'another hash')
    const [first] = leaves.filter(({ entry }) => entry?.type === 'token.minted')
    await tamper(
      `update ledger set rest_hash = substr(rest_hash, 2), at = at - interval '1 day' where type = 'token.minted'`,
    )
    t.match(await verify(), { fault: 'changed', index: first?.index }, 'another time')
  },
)

t.test('the service role may only redact ledger entries', async (t) => {
  const { house } = await sealedLedger(t, { unions: 1, now: then })
  const young = await sealedLedger(t, { unions: 1, now: new Date().toISOString() })
  const service = await asService(t, house)
  const serviceOfYoung = await asService(t, young.house)
  const entry = (type: string) => `where type = '${type}'`

  for (const [client, statement, code] of [
    [service, `update ledger set rest_hash = 'x', ${nothing} ${entry('organisation.registered')}`, '23001'],
    [
      service,
      `update ledger set rest_hash = 'x', ${nothing.replace('subject_id = null,', '')} ${entry('token.minted')}`,
      '23001',
    ],
    [service, `update ledger set actor_id = null ${entry('token.minted')}`, '23001'],
    [service, `update ledger set rest_hash = 'x', at = now(), ${nothing} ${entry('token.minted')}`, '42501'],
    [service, `update ledger set type = 'token.revoked' ${entry('token.minted')}`, '42501'],
    [service, `delete from ledger ${entry('token.minted')}`, '42501'],
    [serviceOfYoung, `update ledger set rest_hash = 'x', ${nothing} ${entry('token.minted')}`, '23001'],
  ] as const)
    await t.rejects(client.query(statement), { code }, statement)
  house.travelTo(after)
  await redact(house)
  await t.rejects(service.query(`update ledger set rest_hash = 'x' ${entry('token.minted')}`), {
    code: '23001',
  })
})

t.test('the database and the service agree on personal entries and redacted columns', async (t) => {
  const { house } = await sealedLedger(t, { unions: 1 })
  const { $client } = house.database.read
  const { rows } = await $client.query(
    'select object, is_personal(object) as personal from unnest($1::text[]) as object',
    [allLedgerObjects()],
  )
  t.same(
    (rows as { object: string; personal: boolean }[])
      .filter(({ personal }) => personal)
      .map(({ object }) => object),
    personalObjects(),
  )
  const columns = await $client.query(
    `select attname as name from pg_attribute where attrelid = 'ledger'::regclass and attnum > 0 and not attisdropped`,
  )
  const lasting = ['position', 'id', 'at', 'type', 'object', 'rest_hash']
  t.same(
    (columns.rows as { name: string }[])
      .map(({ name }) => name)
      .filter((name) => !lasting.includes(name))
      .sort(),
    restColumns.map((column) => column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).sort(),
    'a column more is a decision more',
  )
})
