/** How long a new factor waits before it opens the data of others, and how long wrong codes lock it. Pure. */
import { hoursAfter, minutesAfter } from '../../platform/clock.ts'

/**
 * A new factor may belong to a thief who holds a token. In these hours the person can notice it, and revoke the token
 * or remove the factor.
 */
export const hoursUntilOthersOpen = 48
export const failuresMax = 5
const waitMinutes = 15
const waitMinutesMax = 24 * 60

/** When the factor starts to open the data of others and to count for a coordinator; null until it is confirmed. */
export const opensOthersAt = ({ confirmedAt }: { confirmedAt: string | null }): string | null =>
  confirmedAt === null ? null : hoursAfter(confirmedAt, hoursUntilOthersOpen)

/**
 * Returns until when codes are refused after this number of wrong ones; null between two waits. Each wait doubles, so
 * that in the 30 days of a token an attacker has fewer than two hundred guesses.
 */
export function lockedUntil(failures: number, now: string): string | null {
  if (failures % failuresMax !== 0) return null
  const waits = failures / failuresMax
  return minutesAfter(now, Math.min(waitMinutes * 2 ** (waits - 1), waitMinutesMax))
}
