/** The whole document from the routes of the running app. */
import { methods, sorted, type OpenApiDocument, type Operation, type Tag } from './document.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { introduction, license, securitySchemes } from './introduction.ts'
import { collectRoots, describeOperation } from './operation.ts'
import { ProblemBody, sharedResponses } from './problem-responses.ts'
import type { Route } from './route.ts'
import { componentSchemas } from './schemas.ts'

/** Throws, naming the route or the schema, when the contract would be incomplete. */
export function assembleDocument(routes: Route[], tags: readonly Tag[], version: string): OpenApiDocument {
  refuseDoubleNames(routes)
  const roots = collectRoots(routes)
  roots.output.set('Problem', ProblemBody)
  const schemas = componentSchemas(roots)
  const examples: OpenApiDocument['components']['examples'] = {}
  const operations = routes.map((route) => ({
    route,
    operation: describeOperation(route, { schemas, examples }),
  }))
  // Said once: the operations refer to the example, so the schema need not repeat it.
  for (const name of Object.keys(examples)) delete schemas.components[name]?.examples
  return {
    openapi: '3.1.0',
    info: { title: 'Solidarity Pact', version, description: introduction, license },
    servers: [{ url: '/', description: 'The server that answers this document' }],
    tags: usedTags(routes, tags),
    paths: describePaths(operations),
    components: {
      schemas: schemas.components,
      responses: sorted(sharedResponses()),
      parameters: usedParameters(operations.map(({ operation }) => operation)),
      headers: usedHeaders(operations.map(({ operation }) => operation)),
      examples: sorted(examples),
      securitySchemes,
    },
  }
}

function refuseDoubleNames(routes: Route[]): void {
  const seen = new Map<string, Route>()
  for (const route of routes) {
    const twin = seen.get(route.operationId)
    if (twin) throw new Error(`OpenAPI: ${twin.path} and ${route.path} are both called ${route.operationId}`)
    if (!/^[a-z][a-zA-Z0-9]*$/.test(route.operationId)) {
      throw new Error(`OpenAPI: the operationId ${route.operationId} is not camelCase`)
    }
    seen.set(route.operationId, route)
  }
}

function usedTags(routes: Route[], tags: readonly Tag[]): Tag[] {
  const used = new Set(routes.map(({ tag }) => tag))
  const unknown = [...used].filter((name) => !tags.some((tag) => tag.name === name))
  if (unknown.length > 0) throw new Error(`OpenAPI: tags without a description: ${unknown.join(', ')}`)
  return tags.filter(({ name }) => used.has(name))
}

function describePaths(operations: { route: Route; operation: Operation }[]): OpenApiDocument['paths'] {
  const paths: OpenApiDocument['paths'] = {}
  for (const method of methods) {
    for (const { route, operation } of operations) {
      if (route.method === method) paths[route.path] = { ...paths[route.path], [method]: operation }
    }
  }
  return sorted(paths)
}

function usedParameters(operations: Operation[]) {
  return usedOf(requestHeaders, 'parameters', operations)
}

function usedHeaders(operations: Operation[]) {
  return usedOf(responseHeaders, 'headers', [operations, sharedResponses()])
}

// Which of the shared components are referred to at all: linters call the rest dead.
function usedOf<Component>(components: Record<string, Component>, kind: string, users: unknown) {
  const text = JSON.stringify(users)
  const used = Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`))
  return Object.fromEntries(used)
}
