/** One server under load: what it serves, and what a request costs the processor. */
import type { Generator, Load, Loaded } from './load.ts'
import { processorMs } from './processor.ts'
import type { Server } from './service.ts'

export type Measured = {
  requestsPerSecond: number
  p99Ms: number
  /** Microseconds of processor time per request; NaN where it is unknown. */
  serverUs: number
  postgresUs: number
}

export type Machine = { generator: Generator; postgresPid: number }

export async function measure(
  { generator, postgresPid }: Machine,
  server: Server,
  load: Omit<Load, 'port'>,
): Promise<Measured & Pick<Loaded, 'refused'>> {
  const times = () => Promise.all([processorMs(server.pid), processorMs(postgresPid)])
  const [serverBefore, postgresBefore] = await times()
  const { requests, requestsPerSecond, p99Ms, refused } = await generator.measure({
    ...load,
    port: server.port,
  })
  const [serverAfter, postgresAfter] = await times()
  const perRequest = (ms: number) => (ms * 1000) / requests
  return {
    requestsPerSecond,
    p99Ms,
    refused,
    serverUs: perRequest(serverAfter - serverBefore),
    postgresUs: perRequest(postgresAfter - postgresBefore),
  }
}

export function medians(measured: readonly Measured[]): Measured {
  const of = (field: keyof Measured) => median(measured.map((one) => one[field]))
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p99Ms: of('p99Ms'),
    serverUs: of('serverUs'),
    postgresUs: of('postgresUs'),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

export function tell(name: string, { requestsPerSecond, p99Ms, serverUs, postgresUs }: Measured): void {
  const rate = Math.round(requestsPerSecond).toLocaleString('en').padStart(8)
  console.log(
    `${name.padEnd(64)} ${rate}/s   p99 ${p99Ms.toFixed(1)} ms   ${serverUs.toFixed(0)} / ${postgresUs.toFixed(0)} µs`,
  )
}
