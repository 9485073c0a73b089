/** The contract: OpenAPI 3.1, generated from the routes and their zod schemas, served at /openapi.json. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { assembleDocument } from './assemble.ts'
import type { Chapter, OpenApiDocument } from './document.ts'
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

  // @fastify/swagger is where Fastify's ecosystem looks for the document. Its own conversion knows JSON Schema only and
  // would lose the names, examples and headers that our zod routes have, so it is handed the finished document.
  void app.register(swagger, {
    openapi: { openapi: '3.1.0' },
    transform: ({ url }) => ({ schema: { hide: true }, url }),
    transformObject: () => assembleDocument(routes, tags, version) as never,
  })
  app.decorate('contract', () => app.swagger() as unknown as OpenApiDocument)

  let text: string | undefined
  const contractText = () => (text ??= JSON.stringify(app.contract()))
  const document = staticDocument({
    cacheControl: 'no-cache',
    make: () => [{ type: 'application/json', body: contractText() }],
  })
  // It takes about 100 ms in one piece, which nobody should have to wait for later.
  app.addHook('onListen', async () => void contractText())
  app.get('/openapi.json', documentRoute, document)
}
