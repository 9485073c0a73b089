/** How many database connections one process opens at most, for the limit of the embedded PostgreSQL and for docs/operations.md. */

/** pg-boss: its pool, and one that waits for news of jobs. */
export const jobPoolConnectionsMax = 3
export const keyConnectionsMax = 3

export type ConnectionCounts = { readConnections: number; poolConnectionsMax: number }

/** Anonymous callers ask little of PostgreSQL, so half as many connections are enough for them. */
export const anonymousConnections = (readConnections: number): number => Math.ceil(readConnections / 2)

export function connectionsOfProcess({ readConnections, poolConnectionsMax }: ConnectionCounts): number {
  const reads = 2 * readConnections + anonymousConnections(readConnections)
  return reads + poolConnectionsMax + jobPoolConnectionsMax + 1 + keyConnectionsMax
}
