/** Serves the contract: OpenAPI 3.1 from the routes and their zod schemas, and OpenAPI 3.0 derived from that. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { assembleDocument } from './assemble.ts'
import type { Chapter, OpenApiDocument } from './document.ts'
import { downgradeToOpenApi30 } from './downgrade.ts'
import { describeRoutes, type Route } from './route.ts'
import { documentRoute, staticDocument } from '../http/static-documents.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Complete once the app is ready. Throws when a route leaves something out that the contract needs. */
    contract: () => OpenApiDocument
  }
}

export type ContractOptions = {
  version: string
  /** In the order in which the docs page shows them. */
  tags: readonly Chapter[]
}

/** Call it before the features register their routes. */
export function registerContract(app: FastifyInstance, { version, tags }: ContractOptions): void {
  const routes: Route[] = []
  app.addHook('onRoute', (options) => {
    routes.push(...describeRoutes(options))
  })

  // Other Fastify plugins look for the document in @fastify/swagger. Its own conversion would lose the names, examples
  // and headers of our zod routes, so it gets the finished document.
  void app.register(swagger, {
    openapi: { openapi: '3.1.0' },
    transform: ({ url }) => ({ schema: { hide: true }, url }),
    transformObject: () => assembleDocument(routes, tags, version) as never,
  })
  app.decorate('contract', () => app.swagger() as unknown as OpenApiDocument)

  let text: string | undefined
  const contractText = () => (text ??= JSON.stringify(app.contract()))
  // Assembling blocks the event loop for about 100 ms, so it happens at the start and not during a request.
  app.addHook('onListen', async () => void contractText())
  app.get('/openapi.json', documentRoute, jsonDocument(contractText))
  // About 25 ms, and few ask for it: made when the first of them does.
  const olderText = () => JSON.stringify(downgradeToOpenApi30(app.contract()))
  app.get('/openapi-3.0.json', documentRoute, jsonDocument(olderText))
}

const jsonDocument = (text: () => string) =>
  staticDocument({ cacheControl: 'no-cache', make: () => [{ type: 'application/json', body: text() }] })
