import type { Database } from '../../src/platform/database/database.ts'
import type { Vault } from '../../src/platform/vault/vault.ts'

/** Rolls back what a request wrote once its answer is read, so that every request meets the same world. */
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

/** The key database is not rolled back: older keys still decrypt what a rolled-back request encrypted anew. */
export const keysKept = (vault: Vault, undoing: { on: boolean }): Vault => ({
  ...vault,
  dropKeys: async (...which) => !undoing.on && (await vault.dropKeys(...which)),
})
