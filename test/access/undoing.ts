import type { Database } from '../../src/platform/database/database.ts'
import type { Vault } from '../../src/platform/vault/vault.ts'

/** What a request writes is read by its answer and then undone, so that each meets the same world. */
export function undone<Kind extends Database>(database: Kind, undoing: { on: boolean }): Kind {
  return {
    ...database,
    as: (scope) => undone(database.as(scope), undoing),
    transaction: async <T>(work: Parameters<typeof database.transaction<T>>[0]): Promise<T> => {
      if (!undoing.on) return database.transaction(work)
      const end = new Error('undone')
      let result: { value: T } | undefined
      await database
        .transaction(async (tx) => {
          result = { value: await work(tx) }
          throw end
        })
        .catch((error: unknown) => {
          if (error !== end) throw error
        })
      return (result as { value: T }).value
    },
  }
}

/** Keys lie elsewhere, where nothing is undone: what sealed anew and is undone is still opened by the older ones. */
export const keysKept = (vault: Vault, undoing: { on: boolean }): Vault => ({
  ...vault,
  dropKeys: async (...which) => !undoing.on && (await vault.dropKeys(...which)),
})
