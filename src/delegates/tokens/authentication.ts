/** Finds who holds a token, or an account of the identity provider that is kept as one. */
import type { Caller } from '../../platform/access.ts'
import { dateOf } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { codeOf } from '../../platform/database/sqlstate.ts'
import type { Asked } from '../../platform/feature.ts'
import type { Vouched } from '../../platform/outbound/identity-provider.ts'
import { callerByTokenHash } from '../queries.ts'
import { callerOfAccount } from './account-binding.ts'
import { recordUse } from './queries.ts'

const readOnly = '25006'

export const callerByToken = async (hash: Buffer, asked: Asked): Promise<Caller | undefined> =>
  recordedFirstUse(asked, await callerByTokenHash(asked.database.read, hash, asked.now))

/** Throws 401 for an account that is bound to no delegate. */
export const callerByAccount = async (account: Vouched, asked: Asked): Promise<Caller | undefined> =>
  recordedFirstUse(asked, await callerOfAccount(asked.database.read, account, asked.now))

async function recordedFirstUse({ database, now }: Asked, caller: Caller | undefined) {
  if (caller && 'tokenId' in caller && caller.isFirstToday)
    await recordFirstUse(database, caller.tokenId, now)
  return caller
}

/** Once a day for each token, before it is answered. A database that is only read from answers all the same. */
async function recordFirstUse(database: Database, tokenId: string, now: string): Promise<void> {
  try {
    await database.transaction((tx) => recordUse(tx, tokenId, dateOf(now)))
  } catch (error) {
    if (codeOf(error) !== readOnly) throw error
  }
}
