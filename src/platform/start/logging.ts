/**
 * An allow-list of what is logged. It has no address, agent, query string, body, token, id of a person or text of the
 * database: drizzle's messages contain parameters, PostgreSQL's contain key values.
 */
import type { FastifyRequest, FastifyServerOptions } from 'fastify'
import { Problem } from '../problems.ts'
import { codeOf } from '../database/sqlstate.ts'

export type LogSink = { write(line: string): void }

export function loggerOptions(level: string, sink?: LogSink): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    ...(sink && { stream: sink }),
    base: null,
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        route: request.routeOptions?.url ?? 'unknown',
      }),
      res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
      err: (error: Error) => withoutTexts(error) as never,
    },
  }
}

/** For a terminal, whose output is often kept: database errors without their texts, other errors as they are. */
export const printable = (error: unknown): unknown =>
  error instanceof Error && ('params' in error || sqlState.test(codeOf(error) ?? ''))
    ? withoutTexts(error)
    : error

const sqlState = /^(?=.*[0-9])[0-9A-Z]{5}$/

const withoutTexts = (error: Error) => ({ name: error.name, code: causeOf(error), at: placesOf(error) })

/** A refusal of our own without a cause is named by its code. */
const causeOf = (error: Error): string | undefined =>
  codeOf(error) ?? (error instanceof Problem ? error.kind.code : undefined)

/** Where in our code it happened: the stack without its first line, which is the message. */
function placesOf(error: Error): string[] {
  const places = (error.stack ?? '').split('\n').filter((line) => line.includes('/src/'))
  return places
    .slice(0, 5)
    .map((line) => line.replace(/^\s*at /, '').replace(/\(?(file:\/\/)?\/.*\/src\//, '(src/'))
}
