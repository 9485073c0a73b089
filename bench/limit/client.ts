/** Connections of the limit: pipelined, with named statements, and all statements of one turn in one write. */
import { setImmediate } from 'node:timers'
import pg from 'pg'

/** PostgreSQL's own text of each column. */
export type Texts = (string | null)[]
/** `Row` says which columns the statement selects, in order. */
export type Statement<Row extends Texts = Texts> = { name: string; text: string; row?: Row }
export type Client = {
  query<Row extends Texts>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

type Corkable = { cork(): void; uncork(): void }

const asText = { getTypeParser: () => (text: string) => text }

async function openClient(url: string): Promise<Client> {
  const client = new pg.Client({
    connectionString: url,
    pipeline: true,
    options: '-c timezone=UTC -c datestyle=ISO -c plan_cache_mode=force_generic_plan',
  })
  await client.connect()
  const { stream } = (client as unknown as { connection: { stream: Corkable } }).connection
  let isCorked = false
  const corkUntilEndOfTurn = (): void => {
    if (isCorked) return
    isCorked = true
    stream.cork()
    setImmediate(() => {
      isCorked = false
      stream.uncork()
    })
  }
  return {
    query: async <Row extends Texts>({ name, text }: Statement<Row>, values: readonly unknown[] = []) => {
      corkUntilEndOfTurn()
      const { rows } = await client.query<Row>({
        name,
        text,
        values: values as unknown[],
        rowMode: 'array',
        types: asText,
      })
      return rows
    },
    close: () => client.end(),
  }
}

export type Clients = { next(): Client; close(): Promise<unknown> }

/** Clients that take turns. */
export async function openClients(url: string, count: number): Promise<Clients> {
  const clients = await Promise.all(Array.from({ length: count }, () => openClient(url)))
  let turn = 0
  return {
    next: () => clients[turn++ % count] as Client,
    close: () => Promise.all(clients.map((client) => client.close())),
  }
}
