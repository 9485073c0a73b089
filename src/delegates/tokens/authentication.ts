/** Finds the caller for a token, or for an account of the identity provider. */
import type { Caller } from '../../platform/access.ts'
import { dateOf } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { codeOf } from '../../platform/database/sqlstate.ts'
import type { Asked } from '../../platform/feature.ts'
import type { VerifiedAccount } from '../../platform/outbound/identity-provider.ts'
import { callerByTokenHash } from '../queries.ts'
import { callerOfAccount } from './account-binding.ts'
import { recordUse } from './queries.ts'

const readOnly = '25006'

export const callerByToken = async (hash: Buffer, asked: Asked): Promise<Caller | undefined> =>
  recordedFirstUse(asked, await callerByTokenHash(asked.database.read, hash, asked.now))

/** Throws 401 for an account that is bound to no delegate. */
export const callerByAccount = async (account: VerifiedAccount, asked: Asked): Promise<Caller | undefined> =>
  recordedFirstUse(asked, await callerOfAccount(asked.database.read, account, asked.now))

async function recordedFirstUse({ database, now }: Asked, caller: Caller | undefined) {
  if (caller && 'tokenId' in caller && caller.isFirstToday)
    await recordFirstUse(database, caller.tokenId, now)
  return caller
}

/**
 * Records the first use of a token on a day, before the answer. With a read-only database the request is answered all
 * the same.
 */
async function recordFirstUse(database: Database, tokenId: string, now: string): Promise<void> {
  try {
    await database.transaction((tx) => recordUse(tx, tokenId, dateOf(now)))
  } catch (error) {
    if (codeOf(error) !== readOnly) throw error
  }
}
