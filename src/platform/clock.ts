/** Time is an argument: tests move it, and nothing else in `src` reads the system's clock. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

/** The calendar date, in UTC, of an RFC 3339 instant. */
export const dateOf = (instant: string): string => instant.slice(0, 10)

/** For refusals about a calendar date: the date in UTC, and that it is UTC. */
export const todayInUtc = (now: string): string => `today, which is ${dateOf(now)} in UTC`

export function hoursAfter(instant: string, hours: number): string {
  return new Date(Date.parse(instant) + hours * 3_600_000).toISOString()
}

export const minutesAfter = (instant: string, minutes: number): string => hoursAfter(instant, minutes / 60)
/** Adds days of 24 hours, as in UTC. `calendarDaysAfter` counts the days of a place. */
export const daysAfter = (instant: string, days: number): string => hoursAfter(instant, days * 24)
