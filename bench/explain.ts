/**
 * `node bench/explain.ts [part of a name]` prints the query plans of each measured piece of work. The real app answers
 * one request of each on a copy of the seeded database, and its statements are recorded. They are then explained on the
 * seeded database, planned as for the service, in a transaction that is rolled back. Exits with code 1 if a statement
 * scans a whole table that should have an index.
 */
import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import { buildApp } from '../src/app.ts'
import { systemClock } from '../src/platform/clock.ts'
import { readConfig } from '../src/platform/start/config.ts'
import { connectDatabase } from '../src/platform/database/database.ts'
import { openSigner } from '../src/platform/ledger/receipts.ts'
import { closedVault } from '../src/platform/vault/vault.ts'
import { connected, onCopy, openDatabase } from './database.ts'
import { workOn, type Ask, type WorkItem } from './work.ts'

type Statement = { text: string; values: unknown[] }
type Explained = { 'QUERY PLAN': string }

/** PostgreSQL rightly scans a table of so few pages; an index would not save any reads. */
const smallPagesMax = 8

const sought = process.argv[2] ?? ''
const database = await openDatabase()
try {
  const recorded = await onCopy(database.url, record)
  const wholeTables = await connected(database.url, (client) => explainAll(client, recorded))
  for (const found of wholeTables) console.log(`reads a whole table: ${found}`)
  if (wholeTables.length > 0) process.exitCode = 1
} finally {
  await database.stop()
}

async function record(url: string): Promise<Map<string, Statement[]>> {
  const open = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  const { privateKey } = generateKeyPairSync('ed25519')
  const app = await buildApp({
    config: readConfig({ DATABASE_URL: url, LOG_LEVEL: 'silent' }),
    database: open,
    clock: systemClock,
    signer: openSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    vault: closedVault,
    enqueue: async () => undefined,
    state: { stopping: false },
  })
  const ask: Ask = async ({ path, method, headers, body }) => {
    const answer = await app.inject({
      method,
      url: path,
      headers,
      ...(body !== undefined && { payload: body }),
    })
    const answered = new Headers({ etag: String(answer.headers.etag) })
    return { status: answer.statusCode, headers: answered, body: answer.body && answer.json<unknown>() }
  }
  const recorded = await connected(url, (client) => recordEach(workOn(client, ask), ask))
  await app.close()
  await open.close()
  return recorded
}

async function recordEach(items: WorkItem[], ask: Ask): Promise<Map<string, Statement[]>> {
  const recorded = new Map<string, Statement[]>()
  for (const item of items.filter(({ name }) => name.includes(sought))) {
    const [request] = await item.requests()
    if (!request) continue
    const statements: Statement[] = []
    const forget = writeDown(statements)
    await ask(request)
    forget()
    recorded.set(item.name, statements)
  }
  return recorded
}

/** The driver sends every statement of the process through this function. */
function writeDown(statements: Statement[]): () => void {
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [statement, values] = args as [string | { text: string }, unknown[] | undefined]
    const text = typeof statement === 'string' ? statement : statement.text
    if (!/^(begin|commit|rollback)$/.test(text)) statements.push({ text, values: values ?? [] })
    return query.apply(this, args)
  } as typeof pg.Client.prototype.query
  return () => {
    pg.Client.prototype.query = query as typeof pg.Client.prototype.query
  }
}

async function explainAll(client: pg.Client, recorded: Map<string, Statement[]>): Promise<string[]> {
  const large = await largeTables(client)
  await client.query('set plan_cache_mode = force_generic_plan')
  const wholeTables: string[] = []
  for (const [name, statements] of recorded) {
    console.log(`\n=== ${name}: ${statements.length} statements`)
    await client.query('begin')
    for (const statement of statements) {
      console.log(`\n--- ${statement.text.replace(/\s+/g, ' ').slice(0, 300)}`)
      for (const line of await explain(client, statement)) {
        console.log(line)
        const [, table] = /Seq Scan on (\w+)/.exec(line) ?? []
        if (table !== undefined && large.has(table)) wholeTables.push(`${name}: ${line.trim()}`)
      }
    }
    await client.query('rollback')
  }
  return wholeTables
}

async function largeTables(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relkind = 'r' and pg_relation_size(oid) > ${smallPagesMax} * current_setting('block_size')::int`,
  )
  return new Set(rows.map(({ name }) => name))
}

/** Prepares the statement first: EXPLAIN alone plans for the values, but the service uses generic plans. */
async function explain(client: pg.Client, { text, values }: Statement): Promise<string[]> {
  await client.query(`prepare explained as ${text}`)
  const given = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
  const { rows } = await client.query<Explained>(`explain (analyze, buffers) execute explained${given}`)
  await client.query('deallocate explained')
  return rows.map((row) => row['QUERY PLAN'])
}

/** Writes the value as the driver sends it, but as a literal: EXECUTE takes no parameters. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map(arrayElement).join(',')}}`)
  return pg.escapeLiteral(spelled(value))
}

function arrayElement(value: unknown): string {
  return value === null ? 'null' : `"${spelled(value).replace(/["\\]/g, '\\$&')}"`
}

function spelled(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | bigint).toString()
}
