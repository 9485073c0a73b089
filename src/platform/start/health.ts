/** `/livez`: the process runs. `/readyz`: it, and every other process of the service, can also work. */
import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { anyone } from '../access.ts'
import type { Database } from '../database/database.ts'
import { busy } from '../problems.ts'
import { rlsContextOf } from '../database/rls-context.ts'
import type { Membership } from './membership.ts'

const nobodysScope = rlsContextOf({ kind: 'anonymous' })
const probeSeconds = 2
/** Each has connections of its own; see database.ts. */
const callers = ['system', 'anonymous', 'delegate'] as const

type Health = { database: Database; state: { stopping: boolean }; membership?: Membership | undefined }

export function healthRoutes(app: FastifyInstance, { database, state, membership }: Health): void {
  const config = { access: anyone, hidden: true, probe: true }
  const hidden = { hide: true }
  const reads = callers.map((caller) => database.as({ ...nobodysScope, caller }).read)
  const askDatabase = () => Promise.all(reads.map((read) => read.execute(sql`select 1`)))
  membership?.onReadiness(async () => !state.stopping && (await askDatabase()).length > 0)
  app.get('/livez', { config, schema: hidden }, async () => ({ status: 'ok' }))
  app.get('/readyz', { config, schema: hidden }, async () => {
    if (state.stopping) throw notReady(stopping)
    await askDatabase()
    if (membership && !(await membership.othersAreReady())) throw notReady(otherNotReady)
    return { status: 'ok' }
  })
}

const stopping = 'The service is stopping. Ask another instance, or try again when it has started anew.'
const otherNotReady = 'One of the processes of the service cannot work. Try again in a moment.'
const notReady = (detail: string) => busy(detail, { retryAfterSeconds: probeSeconds })
