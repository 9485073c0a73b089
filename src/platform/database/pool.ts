/** Pools of connections as the service uses them: a lost connection fails what was asked on it, and nothing else. */
import pg from 'pg'
import { RowClient } from './row-query.ts'
import { noConnection } from './sqlstate.ts'

export type Pool = {
  /** Throws `noConnection`, with the reason as its cause. */
  connect(): Promise<pg.PoolClient>
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
  end(): Promise<void>
}

export function openPool(config: pg.PoolConfig): Pool {
  const pool = new pg.Pool({ ...config, Client: RowClient })
  // An idle connection that the server ends is replaced by the pool; the next request notices nothing.
  pool.on('error', () => undefined)
  // One that is ended while it is in use fails the statement that waits; unheard, its error would end the process too.
  pool.on('connect', (client) => client.on('error', () => undefined))

  async function connect(): Promise<pg.PoolClient> {
    try {
      return await pool.connect()
    } catch (reason) {
      throw noConnection(reason)
    }
  }

  return {
    connect,
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => {
      const client = await connect()
      let failure: Error | undefined
      try {
        return await client.query<Row>(text, values)
      } catch (error) {
        failure = error as Error
        throw error
      } finally {
        client.release(failure)
      }
    },
    end: () => pool.end(),
  }
}
