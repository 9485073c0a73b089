/** After the suite: reports the operations of the contract that no test brought to a 2xx. */
import { readdir } from 'node:fs/promises'
import type { OpenApiDocument } from '../src/platform/contract/document.ts'

/** The operationIds without a file in the folder, in alphabetical order. */
export async function unreachedOperations(document: OpenApiDocument, folder: string): Promise<string[]> {
  const reached = new Set(await filesIn(folder))
  return Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .map(({ operationId }) => operationId)
    .filter((operationId) => !reached.has(operationId))
    .sort()
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    // No test reached any operation.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
