/** What jobs read when nothing is due, on a database with thousands of rows of everything. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { connected } from '../../../bench/database.ts'
import { explainAll, recordStatements, scansOf, type Scan, type SentStatement } from '../../../bench/plans.ts'
import { seed, seedKeys } from '../../../bench/seeding.ts'
import { encryptedTables } from '../../../src/features.ts'
import { jobsWith } from '../../../src/jobs.ts'
import { systemContext } from '../../../src/platform/actions/action-context.ts'
import { connectDatabase } from '../../../src/platform/database/database.ts'
import { rootOf } from '../../../src/platform/vault/roots.ts'
import { openKeyStore } from '../../../src/platform/vault/store.ts'
import { openVault } from '../../../src/platform/vault/vault.ts'
import { absentId } from '../../fixtures/unions.ts'
import { cloneDatabase, ownKeysDatabase, testVault } from '../../databases.ts'

/** 3,700 organisations and pacts, twice as many visits and keys, 23,000 entries. */
const scale = 0.037
/** A round reads far fewer rows than any seeded table has. */
const rowsMost = 100

/** Every five minutes and every hour, these read what is in preparation, because no row changes when its time comes. */
const readMore: readonly string[] = ['participants.release', 'itineraries.forget']

t.test('a round of a job in which nothing is due reads few rows, however many there are', async (t) => {
  const { rounds, clientFor } = await idleRounds(t)

  t.ok(rounds.size > 20)
  for (const [name, sent] of rounds) {
    t.ok(sent.length > 0, `${name} asks the database`)
    if (readMore.includes(name)) continue
    t.same(await readings(clientFor, sent), [], name)
  }
})

t.test('a job whose index is missing is found', async (t) => {
  const { rounds, clientFor, ownerUrl } = await idleRounds(t, ['visits.start', 'idempotency.forget_answers'])
  await connected(ownerUrl, (owner) =>
    owner.query('drop index visits_to_start; drop index idempotency_keys_expiring'),
  )

  for (const [name, sent] of rounds) t.not((await readings(clientFor, sent)).length, 0, name)
})

async function idleRounds(t: Test, only?: readonly string[]) {
  const { url, ownerUrl, drop } = await cloneDatabase()
  const keysUrl = await ownKeysDatabase(t)
  await connected(ownerUrl, (owner) => seed(owner, scale, () => undefined))
  await connected(ownKeysOwner(ownerUrl, keysUrl), (owner) => seedKeys(owner, scale))
  const recorded = recordStatements()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  const store = openKeyStore(keysUrl)
  t.teardown(async () => {
    recorded.stop()
    await store.close()
    await database.close()
    await drop()
  })
  const clock = () => new Date()
  const roots = { current: rootOf(testVault.rootKey, 'test') }
  const vault = openVault({ store, roots, tables: encryptedTables, clock })
  const rounds = new Map<string, SentStatement[]>()
  for (const job of jobsWith(vault).filter(({ name }) => only?.includes(name) ?? true)) {
    const round = () =>
      job.run(systemContext(database, clock()), { proposalId: absentId }, (fault) => t.error(fault), clock)
    // The first round does what is due.
    await round()
    recorded.sent.length = 0
    await round()
    rounds.set(job.name, [...recorded.sent])
  }
  const clientFor = ({ database: name, options }: SentStatement) => {
    const connectionString = [url, keysUrl].find((one) => new URL(one).pathname === `/${name}`)
    return new pg.Client({ connectionString, options })
  }
  return { rounds, clientFor, ownerUrl }
}

/** The scans that read many rows. */
async function readings(
  clientFor: (first: SentStatement) => pg.Client,
  sent: readonly SentStatement[],
): Promise<(Scan & { text: string })[]> {
  const found: (Scan & { text: string })[] = []
  for (const statements of Map.groupBy(sent, ({ database, options }) => database + options).values()) {
    const [first] = statements
    if (!first) continue
    const client = clientFor(first)
    await client.connect()
    try {
      for (const { text, plan } of await explainAll(client, statements))
        found.push(...scansOf(plan).flatMap((scan) => (scan.rows > rowsMost ? [{ ...scan, text }] : [])))
    } finally {
      await client.end()
    }
  }
  return found
}

/** The owner of the key database, which is on the same server. */
function ownKeysOwner(ownerUrl: string, keysUrl: string): string {
  const owner = new URL(ownerUrl)
  owner.pathname = new URL(keysUrl).pathname
  return owner.href
}
