/** Rounds in which all servers are measured one after the other, so that a change of the machine meets all of them. */
import { median, medians, measure, tell, type Machine, type Measured } from './measure.ts'
import type { Server } from './service.ts'
import { connected } from './database.ts'
import type { Request, WorkItem } from './work.ts'

export type Servers = { hello: Server; service: Server; unguarded: Server; limit: Server }
export type ItemResult = { item: WorkItem; service: Measured; limit: Measured | undefined }
export type Results = { hello: Measured; items: ItemResult[]; residentMegabytes: number }

type Plan = { items: readonly WorkItem[]; rounds: number; seconds: number; databaseUrl: string }

const warmUpSeconds = 2
const helloRequests: Request[] = [{ method: 'GET', path: '/', headers: {} }]

export async function measureInRounds(machine: Machine, servers: Servers, plan: Plan): Promise<Results> {
  const startedAt = new Date()
  const hello: Measured[] = []
  const found = plan.items.map((item) => ({ item, service: [] as Measured[], limit: [] as Measured[] }))
  const resident: number[] = []
  for (let round = 0; round <= plan.rounds; round++) {
    // The first round warms up and does not count.
    const counts = round > 0
    const seconds = counts ? plan.seconds : warmUpSeconds
    console.log(counts ? `\nround ${round} of ${plan.rounds}` : 'warming up')
    const note = (list: Measured[], name: string, one: Measured) => {
      if (!counts) return
      list.push(one)
      tell(name, one)
    }
    note(hello, 'hello-world', await measure(machine, servers.hello, { requests: helloRequests, seconds }))
    for (const { item, service, limit } of found) {
      const server = item.unguarded ? servers.unguarded : servers.service
      note(service, item.name, await measure(machine, server, { requests: await item.requests(), seconds }))
      resident.push(await servers.service.residentMegabytes())
      if (item.shareOfLimit === undefined) continue
      const requests = await item.requests()
      note(limit, `  the limit`, await measure(machine, servers.limit, { requests, seconds }))
    }
    await verifyNew(plan.databaseUrl, startedAt)
  }
  return {
    hello: medians(hello),
    items: found.map(({ item, service, limit }) => ({
      item,
      service: medians(service),
      limit: limit.length > 0 ? medians(limit) : undefined,
    })),
    residentMegabytes: Math.max(...resident),
  }
}

/** Otherwise the lists of later rounds would skip thousands of rows that nobody may see, as no real list does. */
async function verifyNew(databaseUrl: string, since: Date): Promise<void> {
  await connected(databaseUrl, async (client) => {
    await client.query(
      `update organisations set status = 'verified' where status = 'provisional' and created_at >= $1`,
      [since],
    )
    await client.query('vacuum (analyze) organisations')
    await client.query('checkpoint')
  })
}

/** Starts a server several times, each time anew. */
export async function startMs(start: () => Promise<Server>, times: number): Promise<number> {
  const found: number[] = []
  for (let i = 0; i < times; i++) {
    const server = await start()
    found.push(server.startedInMs)
    await server.stop()
  }
  return median(found)
}
