/** How long a factor waits before it opens what is not one's own, and how long whoever gives wrong codes waits. Pure. */
import { hoursAfter, minutesAfter } from '../../platform/clock.ts'

/**
 * A factor that was just begun may be a thief's, who holds a token and nothing else. Until then the person can see it,
 * and revoke the token or remove the factor.
 */
export const hoursUntilOthersOpen = 48
export const failuresMax = 5
const waitMinutes = 15
const waitMinutesMax = 24 * 60

/** From when on it opens identities and itineraries of others, and counts as a coordinator's; null until it is confirmed. */
export const opensOthersAt = ({ confirmedAt }: { confirmedAt: string | null }): string | null =>
  confirmedAt === null ? null : hoursAfter(confirmedAt, hoursUntilOthersOpen)

/**
 * Until when no code is taken after so many wrong ones since the last right one; null between two waits. Each wait is
 * twice the last: whoever guesses through the 30 days of a token has fewer than two hundred codes to guess with.
 */
export function lockedUntil(failures: number, now: string): string | null {
  if (failures % failuresMax !== 0) return null
  const waits = failures / failuresMax
  return minutesAfter(now, Math.min(waitMinutes * 2 ** (waits - 1), waitMinutesMax))
}
