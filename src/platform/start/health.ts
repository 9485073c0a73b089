/** `/livez`: the process runs. `/readyz`: it can also work. */
import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { anyone } from '../access.ts'
import type { Database } from '../database/database.ts'
import { busy } from '../problems.ts'
import { rlsContextOf } from '../database/rls-context.ts'

const nobodysScope = rlsContextOf({ kind: 'anonymous' })
const probeSeconds = 2
/** Each has connections of its own; see database.ts. */
const callers = ['system', 'anonymous', 'delegate'] as const

export function healthRoutes(app: FastifyInstance, database: Database, state: { stopping: boolean }): void {
  const config = { access: anyone, hidden: true, probe: true }
  const hidden = { hide: true }
  const reads = callers.map((caller) => database.as({ ...nobodysScope, caller }).read)
  app.get('/livez', { config, schema: hidden }, async () => ({ status: 'ok' }))
  app.get('/readyz', { config, schema: hidden }, async () => {
    if (state.stopping)
      throw busy('The service is stopping. Ask another instance, or try again when it has started anew.', {
        retryAfterSeconds: probeSeconds,
      })
    await Promise.all(reads.map((read) => read.execute(sql`select 1`)))
    return { status: 'ok' }
  })
}
