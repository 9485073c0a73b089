/** The whole document from the routes of the running app. */
import { methods, sorted, type Chapter, type OpenApiDocument, type Operation, type Tag } from './document.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { introduction, license, securitySchemes } from './introduction.ts'
import { collectRoots, describeOperation } from './operation.ts'
import { ProblemBody, sharedResponses } from './problem-responses.ts'
import type { Route } from './route.ts'
import { componentSchemas } from './schemas.ts'

/** Throws, naming the route or the schema, when the contract would be incomplete. */
export function assembleDocument(
  routes: Route[],
  tags: readonly Chapter[],
  version: string,
): OpenApiDocument {
  requireUniqueNames(routes)
  const roots = collectRoots(routes)
  roots.output.set('Problem', ProblemBody)
  const schemas = componentSchemas(roots)
  const examples: OpenApiDocument['components']['examples'] = {}
  const paths = describePaths(inChapterOrder(routes, tags), (route) =>
    describeOperation(route, { schemas, examples }),
  )
  const responses = usedComponents('responses', sharedResponses(), paths)
  // Said once: the operations refer to the example, so the schema need not repeat it.
  for (const name of Object.keys(examples)) delete schemas.components[name]?.examples
  return {
    openapi: '3.1.0',
    info: { title: 'Solidarity Pact', version, description: introduction, license },
    servers: [{ url: '/', description: 'The server that answers this document' }],
    tags: usedTags(routes, tags),
    paths,
    components: {
      schemas: schemas.components,
      responses,
      parameters: usedComponents('parameters', requestHeaders, paths),
      headers: usedComponents('headers', responseHeaders, [paths, responses]),
      examples: sorted(examples),
      securitySchemes,
    },
  }
}

function requireUniqueNames(routes: Route[]): void {
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

function usedTags(routes: Route[], tags: readonly Chapter[]): Tag[] {
  const used = new Set(routes.map(({ tag }) => tag))
  const unknown = [...used].filter((name) => !tags.some((tag) => tag.name === name))
  if (unknown.length > 0) throw new Error(`OpenAPI: tags without a description: ${unknown.join(', ')}`)
  return tags
    .filter(({ name }) => used.has(name))
    .map(({ name, description }): Tag => ({ name, description }))
}

function describePaths(routes: Route[], describe: (route: Route) => Operation): OpenApiDocument['paths'] {
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: describe(route) }
  return paths
}

/** By path and method; but before all others, the operation with which each chapter starts. */
function inChapterOrder(routes: Route[], tags: readonly Chapter[]): Route[] {
  const starts = tags.map(({ startsWith }) => routes.find(({ operationId }) => operationId === startsWith))
  const first = starts.filter((route) => route !== undefined)
  const inOrder = [...routes].sort(
    (left, right) =>
      compare(left.path, right.path) || methods.indexOf(left.method) - methods.indexOf(right.method),
  )
  return [...first, ...inOrder.filter((route) => !first.includes(route))]
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

// A component that nothing refers to is dead weight, and linters say so.
function usedComponents<Component>(kind: string, components: Record<string, Component>, users: unknown) {
  const text = JSON.stringify(users)
  const used = Object.entries(components).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`))
  return sorted(Object.fromEntries(used))
}
