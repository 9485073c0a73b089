/** The shared, pipelined connections behind `Database.read`. */
import type pg from 'pg'
import { prepareRlsContext } from './rls-context.ts'
import { query, RowClient } from './row-query.ts'
import { noConnection } from './sqlstate.ts'
import type { Runner, Statement } from './statement.ts'

/** How a statement is put to the connection that has been chosen for it. */
type Ask = (
  client: pg.Client,
  statement: Statement | string,
  values?: unknown[],
) => ReturnType<Runner['query']>
export type ReadConnections = { unscoped: Runner; runnerFor(ask: Ask): Runner; close(): Promise<void> }

type Lane = { client: pg.Client | undefined }

const reconnectDelayMs = 250

/** Opens `count` connections; one that is lost is opened again, and requests that meet it meanwhile get a 503. */
export async function openReadConnections(
  count: number,
  config: pg.ClientConfig & { pipeline: true },
): Promise<ReadConnections> {
  let closing = false
  const lanes: Lane[] = Array.from({ length: count }, () => ({ client: undefined }))
  const timers = new Set<NodeJS.Timeout>()

  const open = async (lane: Lane): Promise<void> => {
    const client = new RowClient(config)
    client.on('error', () => undefined)
    try {
      await client.connect()
      await prepareRlsContext(client)
    } catch (error) {
      void client.end()
      throw error
    }
    if (closing) return client.end()
    lane.client = client
    client.on('end', () => {
      lane.client = undefined
      reopenLater(lane)
    })
  }
  const reopenLater = (lane: Lane): void => {
    if (closing) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      open(lane).catch(() => reopenLater(lane))
    }, reconnectDelayMs)
    timers.add(timer)
  }

  const close = async (): Promise<void> => {
    closing = true
    for (const timer of timers) clearTimeout(timer)
    await Promise.all(lanes.flatMap((lane) => (lane.client ? [lane.client.end()] : [])))
  }

  await openAllOrCloseAll(lanes.map(open), close)
  let turn = 0
  const runnerFor = (ask: Ask): Runner => ({
    query: (statement, values) => {
      const client = lanes[turn++ % count]?.client ?? lanes.find((other) => other.client)?.client
      if (!client) throw noConnection()
      corkUntilEndOfTurn(client)
      return ask(client, statement, values)
    },
  })
  return {
    runnerFor,
    unscoped: runnerFor((client, statement, values) => query(client, statement, values)),
    close,
  }
}

/** What all of them opened. When one cannot be opened, those that could are closed, and its error is thrown. */
export async function openAllOrCloseAll<Opened>(
  opening: Promise<Opened>[],
  close: (opened: Opened) => Promise<unknown>,
): Promise<Opened[]> {
  const settled = await Promise.allSettled(opening)
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = settled.find((one) => one.status === 'rejected')
  if (!failed) return opened
  await Promise.all(opened.map(close))
  throw failed.reason
}

type Corkable = { cork(): void; uncork(): void }
const corked = new WeakSet<Corkable>()

/** Statements that are made in one turn of the event loop leave in one write. */
export function corkUntilEndOfTurn(client: pg.ClientBase): void {
  const { stream } = (client as unknown as { connection: { stream: Corkable } }).connection
  if (corked.has(stream)) return
  corked.add(stream)
  stream.cork()
  setImmediate(() => {
    corked.delete(stream)
    stream.uncork()
  })
}
