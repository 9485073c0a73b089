/** `npm run cli -- operator-token`: replaces the operator's token and prints the new one. */
import { replaceOperatorToken } from './delegates/tokens/actions.ts'
import { systemContext } from './platform/actions/action-context.ts'
import { systemClock } from './platform/clock.ts'
import type { Database } from './platform/database/database.ts'

export async function printNewOperatorToken(database: Database): Promise<void> {
  console.log(await replaceOperatorToken(systemContext(database, systemClock())))
}
