/** Every resource. New files in this folder are found automatically. Later ones may use what earlier ones made. */
import { readdirSync } from 'node:fs'
import type { Requests, Resource } from './resource.ts'

const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['index.ts', 'resource.ts'].includes(file))
  .sort()

const load = async (file: string): Promise<Resource> =>
  ((await import(new URL(file, import.meta.url).href)) as { resource: Resource }).resource

export const resources: readonly Resource[] = await Promise.all(files.map(load))

export const requests: Requests = Object.assign({}, ...resources.map((one) => one.requests))
