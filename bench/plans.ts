/** Records the statements that the driver sends, and reads from PostgreSQL's plans what each of them reads. */
import pg from 'pg'

type Value = string | Buffer | null
/** `options`: the settings of the connection, among them the role. */
export type SentStatement = { database: string; options: string; text: string; values: Value[] }

type Startup = { database?: string; options?: string }
type Bind = {
  statement?: string
  values?: unknown[]
  valueMapper?: (value: unknown, index: number) => unknown
}
type Wire = {
  startup(config: Startup): void
  query(text: string): void
  parse(query: { name?: string; text: string }, ...more: unknown[]): void
  bind(bind: Bind, ...more: unknown[]): void
}
type Known = Startup & { texts: Map<string, string> }

/**
 * Records what every connection sends that is opened from now on. All kinds of queries of the driver and of ours pass the
 * functions that are replaced here.
 */
export function recordStatements(): { sent: SentStatement[]; stop(): void } {
  const wire = (pg as unknown as { Connection: { prototype: Wire } }).Connection.prototype
  const { startup, query, parse, bind } = wire
  const sent: SentStatement[] = []
  const connections = new WeakMap<Wire, Known>()
  const note = (of: Wire, text: string | undefined, values: Value[]) => {
    const { database = '', options = '' } = connections.get(of) ?? {}
    if (text) sent.push({ database, options, text, values })
  }
  wire.startup = function (config) {
    connections.set(this, { ...config, texts: new Map() })
    startup.call(this, config)
  }
  wire.query = function (text) {
    note(this, text, [])
    query.call(this, text)
  }
  wire.parse = function (asked, ...more) {
    connections.get(this)?.texts.set(asked.name ?? '', asked.text)
    parse.call(this, asked, ...more)
  }
  wire.bind = function (bound, ...more) {
    const { values = [], valueMapper = (value: unknown) => value } = bound
    note(this, connections.get(this)?.texts.get(bound.statement ?? ''), values.map(valueMapper) as Value[])
    bind.call(this, bound, ...more)
  }
  return { sent, stop: () => Object.assign(wire, { startup, query, parse, bind }) }
}

export type ExplainedStatement = { text: string; plan: Plan }
export type Plan = Record<string, unknown> & { 'Node Type': string; Plans?: Plan[] }

/**
 * Carries the statements out again with EXPLAIN, as those who sent them, with the generic plans of the service. Every
 * transaction is rolled back.
 */
export async function explainAll(
  client: pg.Client,
  statements: readonly Pick<SentStatement, 'text' | 'values'>[],
): Promise<ExplainedStatement[]> {
  const explained: ExplainedStatement[] = []
  await client.query('set plan_cache_mode = force_generic_plan')
  await client.query('begin')
  for (const { text, values } of statements) {
    if (/^\s*(commit|rollback)/i.test(text)) await client.query('rollback; begin')
    else if (isPlanned(text)) explained.push({ text, plan: await explain(client, text, values) })
    else if (!/^\s*begin/i.test(text)) await client.query(text)
  }
  await client.query('rollback')
  return explained
}

const isPlanned = (text: string): boolean => /^\s*(select|insert|update|delete|with|merge)\b/i.test(text)

/** Prepares the statement first: EXPLAIN alone plans for the values, but the service uses generic plans. */
async function explain(client: pg.Client, text: string, values: readonly Value[]): Promise<Plan> {
  await client.query(`prepare explained as ${text}`)
  const given = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (analyze, buffers, format json) execute explained${given}`,
  )
  await client.query('deallocate explained')
  const [answer] = rows
  if (!answer) throw new Error(`no plan for ${text}`)
  return answer['QUERY PLAN'][0].Plan
}

/** Writes the value as the driver sends it, but as a literal: EXECUTE takes no parameters. */
function literal(value: Value): string {
  if (value === null) return 'null'
  return Buffer.isBuffer(value) ? `'\\x${value.toString('hex')}'` : pg.escapeLiteral(value)
}

export type Scan = { table: string; node: string; index: string | undefined; rows: number; pages: number }

/** What the plan reads of tables and indexes: also the rows that a filter removes, in all loops. */
export function scansOf(plan: Plan): Scan[] {
  const inner = (plan.Plans ?? []).flatMap(scansOf)
  const table = plan['Relation Name'] ?? plan['Index Name']
  if (typeof table !== 'string' || !plan['Node Type'].endsWith('Scan')) return inner
  const number = (field: string) => Number(plan[field] ?? 0)
  const rowsEach = ['Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck']
    .map(number)
    .reduce((sum, rows) => sum + rows)
  const scan = {
    table,
    node: plan['Node Type'],
    index: plan['Index Name'] as string | undefined,
    rows: Math.round(rowsEach * number('Actual Loops')),
    pages: number('Shared Hit Blocks') + number('Shared Read Blocks'),
  }
  return [scan, ...inner]
}
