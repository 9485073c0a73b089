/** After the suite: which operations of the contract did no test bring to a 2xx? Run with TEST_COVERAGE_FOLDER set. */
import { readdir } from 'node:fs/promises'
import type { OpenApiDocument } from '../src/platform/openapi/document.ts'
import { committedContract } from './contract-checker.ts'

/** The operationIds without a file in the folder, in alphabetical order. */
export async function unreachedOperations(document: OpenApiDocument, folder: string): Promise<string[]> {
  const reached = new Set(await filesIn(folder))
  return Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .map(({ operationId }) => operationId)
    .filter((operationId) => !reached.has(operationId))
    .sort()
}

async function main(): Promise<void> {
  const unreached = await unreachedOperations(committedContract(), process.env['TEST_COVERAGE_FOLDER'] ?? '')
  if (unreached.length === 0) return
  console.error(`No test got a 2xx from: ${unreached.join(', ')}`)
  process.exitCode = 1
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    // Not one test reached anything.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

if (import.meta.main) await main()
