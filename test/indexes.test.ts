/**
 * PostgreSQL uses a partial index only for statements that name its condition themselves: the service has every statement
 * planned once for all values, and a placeholder could stand for any value.
 */
import pg from 'pg'
import t from 'tap'
import { systemContext } from '../src/platform/actions/action-context.ts'
import { connectDatabase } from '../src/platform/database/database.ts'
import { entriesWithoutLeaf } from '../src/platform/ledger/leaves.ts'
import { expiredEntries } from '../src/platform/ledger/retention.ts'
import { expiredReads, expiredDisclosureReasons } from '../src/delegates/disclosures/retention.ts'
import { lockOpenDisclosuresBy, requestedDisclosures } from '../src/delegates/disclosures/queries.ts'
import { requestedRecoveries } from '../src/delegates/recoveries/queries.ts'
import {
  organisationsWithPendingMove,
  organisationsWithPendingName,
} from '../src/organisations/pending/queries.ts'
import { overdueMandates } from '../src/delegates/mandates/queries.ts'
import { clearRecoveryReasonsOf, expiredRecoveryReasons } from '../src/delegates/recoveries/retention.ts'
import { queuedOrganisations } from '../src/organisations/verification-queue/queries.ts'
import { pactsWithOverdueProposal } from '../src/pacts/proposals/queries.ts'
import { pactsToExpire, pactsToLapse } from '../src/pacts/queries.ts'
import { updateLiveBooking, visitsWithExpiredHolds } from '../src/visits/bookings/queries.ts'
import { visitsToComplete, visitsToRetime, visitsToStart } from '../src/visits/queries.ts'
import { mostSimilar } from '../src/organisations/queries.ts'
import { cloneDatabase } from './databases.ts'
import { absentId } from './fixtures/unions.ts'

const now = new Date('2026-03-02T10:00:00.000Z')
const batch = { now: now.toISOString(), limit: 200, except: [absentId] }

t.test('every query of a job uses the partial index made for it', async (t) => {
  const { ownerUrl: url, drop } = await cloneDatabase()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(async () => {
    await client.end()
    await database.close()
    await drop()
  })
  // PostgreSQL prefers to scan tables as empty as these.
  await client.query('set enable_seqscan = off')
  await client.query('set plan_cache_mode = force_generic_plan')

  const caller = {
    kind: 'delegate',
    delegateId: absentId,
    tokenId: absentId,
    scopes: [],
    elevated: false,
    sealedOrganisations: new Set<string>(),
    mandates: [
      {
        id: absentId,
        organisationId: absentId,
        organisationKind: 'coordination',
        organisationStatus: 'verified',
        powers: ['vouch'],
        sealed: false,
      },
    ],
  } as const
  const approvals = { now: batch.now, caller, after: { value: batch.now, id: absentId }, limit: 25 }

  await database.transaction(async (tx) => {
    const statements = {
      organisations_to_verify: queuedOrganisations(tx, { limit: 25 }),
      organisations_to_verify_by: queuedOrganisations(tx, { limit: 25, vouchingCoordinationId: absentId }),
      mandates_ending: overdueMandates(tx, batch),
      proposals_to_expire: pactsWithOverdueProposal(tx, batch),
      pacts_to_lapse: pactsToLapse(tx, batch),
      pacts_to_expire: pactsToExpire(tx, batch),
      visits_to_start: visitsToStart(tx, batch),
      visits_to_complete: visitsToComplete(tx, batch),
      visits_to_retime: visitsToRetime(tx, batch, '2999a'),
      bookings_holds: visitsWithExpiredHolds(tx, batch),
      unsealed_entries_pkey: entriesWithoutLeaf(tx, 200),
      ledger_personal: expiredEntries(tx, batch.now, 200),
      identity_reads_oldest: expiredReads(tx, batch.now, 200),
      disclosures_with_reason: expiredDisclosureReasons(tx, batch.now, 200),
      recoveries_with_reason: expiredRecoveryReasons(tx, batch.now, 200),
      recoveries_by_delegate: clearRecoveryReasonsOf(tx, absentId),
      recoveries_by_requester: clearRecoveryReasonsOf(tx, absentId),
      disclosures_by_requester: lockOpenDisclosuresBy(tx, absentId, batch.now),
      disclosures_by_granter: lockOpenDisclosuresBy(tx, absentId, batch.now),
      organisations_pending_move: organisationsWithPendingMove(tx, approvals),
      organisations_pending_name: organisationsWithPendingName(tx, approvals),
      recoveries_requested: requestedRecoveries(tx, approvals),
      disclosures_requested: requestedDisclosures(tx, approvals),
      bookings_one_live: updateLiveBooking(tx, systemContext(database, now), absentId, 'held'),
    }
    for (const [index, statement] of Object.entries(statements)) {
      t.match(await planOf(client, statement.toSQL()), new RegExp(`(using|Index Scan on) ${index}`), index)
    }
  })
})

t.test('pending ledger leaves are found without reading a large ledger', async (t) => {
  const { ownerUrl: url, drop } = await cloneDatabase()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(async () => {
    await client.end()
    await database.close()
    await drop()
  })
  await client.query(`
    insert into ledger (id, at, type, object, subject_id, subject_version, actor_kind, request_id)
    select gen_random_uuid(), now(), 'pact.changed', 'pact', gen_random_uuid(), 1, 'system', gen_random_uuid()
    from generate_series(1, 20000)`)
  await client.query('delete from unsealed_entries where position < (select max(position) - 20 from ledger)')
  await client.query('vacuum analyze ledger, unsealed_entries')

  await database.transaction(async (tx) => {
    const plan = await planOf(client, entriesWithoutLeaf(tx, 2000).toSQL())
    t.match(plan, /using ledger_pkey/)
    t.notMatch(plan, /Seq Scan on ledger/)
  })
})

t.test('search by parts of a name uses an index, however short the parts are', async (t) => {
  const { ownerUrl: url, drop } = await cloneDatabase()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(async () => {
    await client.end()
    await database.close()
    await drop()
  })
  await client.query(`
    insert into organisations (id, created_at, updated_at, status, kind, name, country)
    select gen_random_uuid(), now(), now(), 'verified', 'union',
      case n % 3 when 0 then 'Union of ' || md5(n::text) when 1 then 'Профсоюз ' || md5(n::text)
        else chr(19968 + n % 5000) || chr(19968 + n * 7 % 5000) || '労働組合' || n end, 'BY'
    from generate_series(1, 20000) n`)
  await client.query('vacuum analyze organisations')

  await database.transaction(async (tx) => {
    const query = { limit: 25 }
    for (const sought of [' toulouse cgt ', ' 総連 ', ' 総連合 ', ' 総 ', ' мт ']) {
      const plan = await planOf(
        client,
        mostSimilar(
          tx,
          { ...systemContext(database, now), caller: { kind: 'anonymous' } },
          { query, sought, after: undefined },
        ).toSQL(),
      )
      t.notMatch(plan, /Seq Scan on organisations/, sought)
    }
  })
})

async function planOf(
  client: pg.Client,
  { sql, params }: { sql: string; params: unknown[] },
): Promise<string> {
  await client.query(`prepare asked as ${sql}`)
  const values = params.map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value))))
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute asked(${values.join(', ')})`)
  await client.query('deallocate asked')
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}
