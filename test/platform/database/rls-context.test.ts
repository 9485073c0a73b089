import pg from 'pg'
import t, { type Test } from 'tap'
import {
  prepareRlsContext,
  queryWithin,
  systemRlsContext,
} from '../../../src/platform/database/rls-context.ts'
import { cloneDatabase } from '../../databases.ts'

const question = `select current_setting('pact.delegate_id', true) as asks, $1::text as wants`
const scopeOf = (delegateId: string) => ({ ...systemRlsContext, caller: 'delegate' as const, delegateId })

t.test(
  'each of 5,000 mixed statements of 50 callers on one connection has its own RLS context',
  async (t) => {
    const client = await connection(t)
    const wrong: string[] = []
    const expect = (met: boolean, what: string) => void (met || wrong.push(what))
    const tenant = (n: number) => `delegate-${n % 50}`
    const kinds: ((n: number) => Promise<void>)[] = [
      async (n) => {
        const { rows } = await queryWithin(client, scopeOf(tenant(n)), { name: 'asks', text: question }, [
          `${n}`,
        ])
        expect(JSON.stringify(rows) === JSON.stringify([{ asks: tenant(n), wants: `${n}` }]), `named ${n}`)
      },
      async (n) => {
        const { rows } = await queryWithin(client, scopeOf(tenant(n)), question.replace('$1', `'${n}'`))
        expect(
          JSON.stringify(rows) === JSON.stringify([{ asks: tenant(n), wants: `${n}` }]),
          `without values ${n}`,
        )
      },
      async (n) => {
        const { rows } = await client.query<{ asks: string | null }>(question, [`${n}`])
        expect(!rows[0]?.asks, `nobody ${n} sees ${rows[0]?.asks}`)
      },
      async (n) => {
        const failed = queryWithin(
          client,
          scopeOf(tenant(n)),
          { name: 'fails', text: 'select 1 / $1::int' },
          [0],
        )
        expect((await failed.catch((error: { code: string }) => error.code)) === '22012', `division ${n}`)
      },
      async (n) => {
        const failed = queryWithin(client, scopeOf(tenant(n)), `select nothing_of_this_name, ${n % 3}`)
        expect((await failed.catch((error: { code: string }) => error.code)) === '42703', `unparsed ${n}`)
      },
      async (n) => {
        const { rows } = await queryWithin(client, scopeOf(tenant(n)), 'select generate_series(1, $1::int)', [
          n % 9,
        ])
        expect(rows.length === n % 9, `rows ${n}`)
      },
    ]

    await Promise.all(Array.from({ length: 5000 }, async (_, n) => kinds[(n * 7) % kinds.length]?.(n)))

    t.same(wrong, [])
  },
)

t.test('a statement is not executed if PostgreSQL refuses its RLS context', async (t) => {
  const client = await connection(t)
  const sequence = await client.query("select nextval(pg_get_serial_sequence('ledger', 'position')) as n")
  const failed = queryWithin(
    client,
    scopeOf('\u0000'),
    "select nextval(pg_get_serial_sequence('ledger', 'position'))",
  )

  await t.rejects(failed)

  const next = await client.query("select nextval(pg_get_serial_sequence('ledger', 'position')) as n")
  t.equal(Number(next.rows[0].n), Number(sequence.rows[0].n) + 1)
})

async function connection(t: Test): Promise<pg.Client> {
  const { ownerUrl, drop } = await cloneDatabase()
  const client = new pg.Client({ connectionString: ownerUrl, pipeline: true })
  await client.connect()
  await prepareRlsContext(client)
  t.teardown(async () => {
    await client.end()
    await drop()
  })
  return client
}
