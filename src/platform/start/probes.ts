/** The answers of a process without routes of its own: whether it runs, and whether it can work. */
import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { Database } from '../database/database.ts'
import { healthRoutes } from './health.ts'
import { loggerOptions } from './logging.ts'
import { answerProblem, problemOf } from '../http/error-handler.ts'

export type ProbesDeps = { config: Config; database: Database; state: { stopping: boolean } }

export async function buildProbes({ config, database, state }: ProbesDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: loggerOptions(config.logLevel),
    requestTimeout: config.requestTimeoutSeconds * 1000,
    forceCloseConnections: 'idle',
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error)
    if (problem.kind.status >= 500) request.log.error({ err: error }, 'request failed')
    return answerProblem(reply, problem, config.publicUrl)
  })
  healthRoutes(app, { database, state })
  return app
}
