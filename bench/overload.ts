/**
 * `npm run bench:overload [-- --only token --seconds 15 --times 3]`: what the service does with more than it can serve.
 *
 * 1. Closed loop with 256 connections: throughput and p99 of each work item.
 * 2. Open loop at three times the measured capacity, then at a fifth of it: what is served, what is refused, how fast,
 *    and how soon the service is well again.
 */
import { parseArgs } from 'node:util'
import { isStartFailure } from '../src/platform/failures.ts'
import { connected } from './database.ts'
import { askerOf, withSeededCopy, type Environment } from './environment.ts'
import { loadGenerator } from './load.ts'
import { measure, type Machine } from './measure.ts'
import { sendOnSchedule } from './overload/open-loop.ts'
import { latencyOf, percentile, recoverySeconds, summaryOf } from './overload/schedule.ts'
import { postgresPid } from './processor.ts'
import { startService, type Server } from './service.ts'
import { workOn, type Request, type WorkItem } from './work.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '15' },
    times: { type: 'string', default: '3' },
  },
})
const seconds = Number(options.seconds)
const times = Number(options.times)
const closedLoop = { connections: 256, seconds: 5 }
const capacitySeconds = 5
const normalShare = 0.2
const normalSeconds = 10
/** What is offered too often in the open loop. */
const overloaded = 'organisation by id, with a token'
/** The service is well again when its p99 is at most so many times that of before, or so many milliseconds. */
const wellAgain = { times: 3, ms: 50 }

try {
  await withSeededCopy(overload)
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

async function overload(ownerUrl: string, environment: Environment): Promise<void> {
  const service = await startService(environment)
  try {
    await connected(ownerUrl, async (client) => {
      const machine = { generator: loadGenerator(), postgresPid: await postgresPid(client) }
      const items = workOn(client, askerOf(service)).filter(({ shareOfLimit }) => shareOfLimit !== undefined)
      await closedLoops(machine, service, items)
      const item = items.find(({ name }) => name === overloaded)
      if (item) await openLoop(machine, service, await item.requests())
    })
  } finally {
    await service.stop()
  }
}

async function closedLoops(machine: Machine, service: Server, items: readonly WorkItem[]): Promise<void> {
  console.log(
    `\n| closed loop, ${closedLoop.connections} connections | requests/s | p99 ms | refused | service µs |`,
  )
  console.log('|---|--:|--:|--:|--:|')
  for (const item of items.filter(({ name }) => name.includes(options.only))) {
    const requests = await item.requests()
    const found = await measure(machine, service, { requests, ...closedLoop, mayRefuse: true })
    const cells = [found.requestsPerSecond, found.p99Ms, found.refused, found.serverUs].map(whole)
    console.log(`| ${[item.name, ...cells].join(' | ')} |`)
  }
}

async function openLoop(machine: Machine, service: Server, requests: readonly Request[]): Promise<void> {
  const { port } = service
  const warm = { requests: [...requests], seconds: capacitySeconds }
  const { requestsPerSecond: capacity } = await measure(machine, service, warm)
  const normal = { port, requests, ratePerSecond: capacity * normalShare, seconds: normalSeconds }
  const before = await sendOnSchedule(normal).outcomes
  const p99Before = percentile(before.map(latencyOf), 0.99)

  const rate = capacity * times
  const overload = sendOnSchedule({ port, requests, ratePerSecond: rate, seconds })
  await overload.ended
  // At once: what is still unanswered is a part of what the service must recover from.
  const after = await sendOnSchedule(normal).outcomes
  const summary = summaryOf(await overload.outcomes, seconds)
  const recovery = recoverySeconds(after, Math.max(p99Before * wellAgain.times, wellAgain.ms))
  const rows: [string, string, string][] = [
    ['capacity, closed loop with 32 connections', `${whole(capacity)}/s`, ''],
    [`p99 at ${percent(normalShare)} of it, before`, `${whole(p99Before)} ms`, ''],
    ['offered', `${whole(rate)}/s for ${seconds} s`, ''],
    ['served in time', percent(summary.servedPerSecond / capacity) + ' of the capacity', '≥ 80 %'],
    ['p99 of what is served', `${whole(summary.servedP99Ms)} ms`, ''],
    ['refused by 503 with Retry-After', percent(summary.shedShare) + ' of what was offered', 'the rest'],
    ['p99 of these refusals', `${whole(summary.shedP99Ms)} ms`, 'fast'],
    ['neither: other answers or none', percent(summary.failedShare), '0 %'],
    ['well again after', recovery === undefined ? `more than ${normalSeconds} s` : `${recovery} s`, '≤ 5 s'],
  ]
  console.log(`\n| open loop: ${overloaded} | measured | aim |\n|---|--:|--:|`)
  for (const cells of rows) console.log(`| ${cells.join(' | ')} |`)
}

function whole(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}
