/** `/livez`: the process answers. `/readyz`: it can also do its work. */
import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { anyone } from './access.ts'
import type { Database } from './database.ts'
import { busy } from './problems.ts'

const probeSeconds = 2

export function healthRoutes(app: FastifyInstance, database: Database, state: { stopping: boolean }): void {
  const config = { access: anyone, hidden: true, probe: true }
  const hidden = { hide: true }
  app.get('/livez', { config, schema: hidden }, async () => ({ status: 'ok' }))
  app.get('/readyz', { config, schema: hidden }, async () => {
    if (state.stopping)
      throw busy('The service is stopping. Ask another instance, or try again when it has started anew.', {
        retryAfterSeconds: probeSeconds,
      })
    await database.read.execute(sql`select 1`)
    return { status: 'ok' }
  })
}
