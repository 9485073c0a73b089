/** `npm run bench:seed` fills the database of the benchmark with 100,000 organisations and their history. */
import { isStartFailure } from '../src/platform/failures.ts'
import { connected, openDatabase } from './database.ts'
import { migrateForBench, seed } from './seeding.ts'

const counted = [
  'organisations',
  'delegates',
  'mandates',
  'tokens',
  'pacts',
  'pact_parties',
  'proposals',
  'responses',
  'signatures',
  'visits',
  'visit_participants',
  'bookings',
  'ledger',
]

try {
  const database = await openDatabase()
  try {
    await migrateForBench(database.url)
    await connected(database.url, async (client) => {
      await seed(client, 1)
      for (const table of counted) {
        const { rows } = await client.query<{ count: string }>(`select count(*) from ${table}`)
        console.log(`${table.padEnd(20)} ${Number(rows[0]?.count).toLocaleString('en').padStart(9)}`)
      }
    })
  } finally {
    await database.stop()
  }
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}
