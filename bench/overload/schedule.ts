/** The arithmetic of open-loop load: when each request is due, and what its answers show. Pure. */

/** Milliseconds from the start of the load. A request is due at a fixed instant, whatever the answers do. */
export const dueMs = (n: number, ratePerSecond: number): number => (n * 1000) / ratePerSecond

/** How many requests are due by this instant, the first at 0. */
export const dueBy = (elapsedMs: number, ratePerSecond: number): number =>
  Math.floor((elapsedMs * ratePerSecond) / 1000) + 1

/** One request and its answer. `status` is undefined if none came. */
export type Outcome = {
  dueMs: number
  answeredMs: number
  status: number | undefined
  hasRetryAfter: boolean
}

/** From the scheduled instant, so that a request that had to wait for a free connection counts with its wait. */
export const latencyOf = ({ dueMs, answeredMs }: Outcome): number => answeredMs - dueMs

export const isServed = ({ status }: Outcome): boolean => status === 200
export const isShed = ({ status, hasRetryAfter }: Outcome): boolean => status === 503 && hasRetryAfter

/** The nearest-rank percentile; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? NaN
}

export type Summary = {
  servedPerSecond: number
  servedP99Ms: number
  shedShare: number
  shedP99Ms: number
  /** Neither served nor refused by 503 with Retry-After: another status, a broken connection, or no answer. */
  failedShare: number
}

/** Only answers within the time of the load count as served: what comes later came too late. */
export function summaryOf(outcomes: readonly Outcome[], seconds: number): Summary {
  const served = outcomes.filter(isServed)
  const inTime = served.filter(({ answeredMs }) => answeredMs <= seconds * 1000)
  const shed = outcomes.filter(isShed)
  return {
    servedPerSecond: inTime.length / seconds,
    servedP99Ms: percentile(served.map(latencyOf), 0.99),
    shedShare: shed.length / outcomes.length,
    shedP99Ms: percentile(shed.map(latencyOf), 0.99),
    failedShare: (outcomes.length - served.length - shed.length) / outcomes.length,
  }
}

/**
 * Seconds until the service is well again: from then on, each half second has only served requests, and their p99 stays
 * within the bound. Undefined if it never is.
 */
export function recoverySeconds(outcomes: readonly Outcome[], p99BoundMs: number): number | undefined {
  const binMs = 500
  const bins = Map.groupBy(outcomes, (outcome) => Math.floor(outcome.dueMs / binMs))
  const isWell = (bin: readonly Outcome[]) =>
    bin.every(isServed) && percentile(bin.map(latencyOf), 0.99) <= p99BoundMs
  const bad = [...bins].filter(([, bin]) => !isWell(bin)).map(([number]) => number)
  const firstWell = bad.length === 0 ? 0 : Math.max(...bad) + 1
  return bins.has(firstWell) ? (firstWell * binMs) / 1000 : undefined
}
