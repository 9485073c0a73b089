/** Serves the contract: OpenAPI 3.1 from the routes and their zod schemas, and OpenAPI 3.0 derived from that. */
import { readFile } from 'node:fs/promises'
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
  /** Where `npm run contract` has written both documents. Without it they are made when somebody asks for the first time. */
  generated?: URL
}

/** Call it before the features register their routes. */
export function registerContract(app: FastifyInstance, { version, tags, generated }: ContractOptions): void {
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

  const document = (name: string, make: () => object) =>
    staticDocument({
      cacheControl: 'no-cache',
      make: async () => {
        const found = generated ? await readDocument(new URL(name, generated)) : make()
        return [{ type: 'application/json', body: JSON.stringify(found) }]
      },
    })
  app.get('/openapi.json', documentRoute, document('openapi.json', app.contract))
  const olderContract = () => downgradeToOpenApi30(app.contract())
  app.get('/openapi-3.0.json', documentRoute, document('openapi-3.0.json', olderContract))
}

// Assembling would block the event loop for 100 ms and keep 3 MB; reading takes 11 ms, once.
const readDocument = async (file: URL) => JSON.parse(await readFile(file, 'utf8')) as object
