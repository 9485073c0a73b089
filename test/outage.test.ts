/** Requests every operation of the contract while its database is killed, crashes, recovers, hangs or is unreachable. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { jobs } from '../src/jobs.ts'
import type { Job } from '../src/platform/jobs/queue.ts'
import { startJobs } from '../src/platform/jobs/queue.ts'
import { connectDatabase } from '../src/platform/database/database.ts'
import { codeOf } from '../src/platform/database/sqlstate.ts'
import { cast, type Cast, type Principal } from './access/cast.ts'
import { ask, readTable, routesOf, type Route } from './access/matrix.ts'
import { committedContract } from './contract-checker.ts'
import { gatewayTo, killablePostgres, type GatewayFault } from './fixtures/killable-postgres.ts'
import type { Answer } from './harness.ts'

const routes = routesOf(committedContract())
/** Operations that do not use the database. */
const independent = ['getPublicKeys']
const faults: GatewayFault[] = ['refuse', 'reset', 'cut', 'mute']
/** The pause between retries; without it, they would use up a core that the server needs. */
const askAgainMs = 5
/** How often the server is killed during the requests. */
const kills = 4

type Asked = { operationId: string; answer: Answer }
type LogLine = { msg: string; err: { code?: string } }

t.test('no operation answers 500, however the database fails', { timeout: 240_000 }, async (t) => {
  const server = await killablePostgres(t)
  const gateway = await gatewayTo(t, server.url)
  const lines: string[] = []
  const world = await cast(t, {
    from: { url: gateway.through(server.url), ownerUrl: server.ownerUrl, drop: async () => undefined },
    keysUrl: gateway.through(server.keysUrl),
    log: { write: (line) => lines.push(line) },
    onJobError: () => undefined,
  })
  const askers = await Promise.all(routes.map(askerOf(world)))
  const askAll = () => Promise.all(askers.map((each) => each()))
  // One after the other, because some of them block each other.
  const statuses = async () => {
    const seen: Record<string, number> = {}
    for (const each of askers)
      await each().then((asked) => (seen[asked.operationId] = asked.answer.statusCode))
    return seen
  }
  const usual = await statuses()
  t.same(
    Object.entries(usual).filter(([, status]) => status >= 300),
    [],
    'every request is right',
  )

  for (const fault of faults) {
    gateway.breakBy(fault)
    // The first requests may still get connections that are being lost.
    const answers = fault === 'mute' ? await askAll() : [...(await askAll()), ...(await askAll())]
    const alive = await world.house.ask('GET', '/livez')
    await gateway.mend()
    await ready(world)

    t.equal(alive.statusCode, 200)
    t.same(
      // A partial message from PostgreSQL may contain the whole answer to the first request.
      unfit(answers, (status) => fault === 'cut' && status < 300),
      [],
      `${fault}: each is answered 503, and by when to come again`,
    )
    const away = new Set(answers.flatMap((one) => (one.answer.statusCode === 503 ? [one.operationId] : [])))
    t.ok(away.size > routes.length / 2, `${fault}: ${away.size} operations noticed`)
  }

  const met = new Map<string, Set<number>>(routes.map(({ operation }) => [operation.operationId, new Set()]))
  let killing = true
  const asking = askers.map(async (each) => {
    while (killing) {
      const asked = await each()
      met.get(asked.operationId)?.add(asked.answer.statusCode)
      const wrong = unfit([asked], (status) => status < 500 || status === 503)
      if (wrong.length > 0) t.fail(wrong.join())
      await pause(askAgainMs)
    }
  })
  for (let n = 0; n < kills; n++) {
    await [killPostmaster, killBackend, endAll][n % 3]?.(server)
    await ready(world)
  }
  killing = false
  await Promise.all(asking)

  const unmoved = [...met].filter(([, statuses]) => !statuses.has(503)).map(([id]) => id)
  t.ok(unmoved.length < routes.length / 2, `while it is killed, 503 was met by all but ${unmoved.length}`)
  t.same(await statuses(), usual, 'and in the end everything is as before')
  const failed = lines
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ msg }) => msg === 'request failed')
  t.ok(failed.length > routes.length)
  t.same(
    failed.filter(({ err }) => err.code === undefined),
    [],
    'the log has a code for each',
  )
})

t.test(
  'jobs continue after the database was killed, and their logged errors have a code',
  { timeout: 120_000 },
  async (t) => {
    const server = await killablePostgres(t)
    const database = await connectDatabase({ url: server.url, readConnections: 1, poolConnectionsMax: 4 })
    t.teardown(() => database.close())
    const errors: Error[] = []
    let done = 0
    const job: Job = { name: jobs[0]?.name ?? '', run: async () => void done++ }
    const queue = await startJobs({
      url: server.url,
      database,
      clock: () => new Date(),
      jobs: [job],
      work: true,
      onError: (error) => errors.push(error),
    })
    t.teardown(() => queue.stop())
    const enqueue = () =>
      database.transaction((tx) => queue.enqueue(tx, job, {}, new Date(Date.now() - 1000).toISOString()))
    await enqueue()
    while (done < 1) await pause(askAgainMs)

    await killPostmaster(server)
    while (
      !(await enqueue().then(
        () => true,
        () => false,
      ))
    )
      await pause(askAgainMs)
    while (done < 2) await pause(askAgainMs)

    t.equal(done, 2)
    t.ok(errors.length > 0)
    t.same(errors.filter((error) => codeOf(error) === undefined).map(String), [])
  },
)

/** Requests an operation as a caller who may, according to the access tables. */
const askerOf = (world: Cast) => async (route: Route) => {
  const { operationId, tags } = route.operation
  const outcomes = Object.entries((await readTable(tags?.[0] ?? ''))[operationId]?.own ?? {})
  const [, whose = 'secretary'] = outcomes.find(([outcome]) => outcome.startsWith('2')) ?? []
  const [principal] = whose.split(', ') as [Principal]
  return async (): Promise<Asked> => ({ operationId, answer: await ask(world, route, 'own', principal) })
}

/** The answers that are not allowed, or are a 503 without Retry-After. */
const unfit = (answers: readonly Asked[], isAllowed: (status: number) => boolean): string[] =>
  answers
    .filter(({ operationId, answer: { statusCode, headers } }) => {
      if (statusCode === 503) return !/^[1-9]\d*$/.test(String(headers['retry-after']))
      return !isAllowed(statusCode) && !independent.includes(operationId)
    })
    .map(({ operationId, answer }) => `${operationId}: ${answer.statusCode}`)

/** Otherwise the time limit of the test ends it. */
async function ready({ house }: Cast): Promise<void> {
  while ((await house.ask('GET', '/readyz')).statusCode === 503) await pause(askAgainMs)
}

type Own = Awaited<ReturnType<typeof killablePostgres>>

async function killPostmaster({ postmaster }: Own): Promise<void> {
  const victim = await postmaster()
  process.kill(victim, 'SIGKILL')
  while ((await postmaster()) === victim) await pause(askAgainMs)
}

/** PostgreSQL then ends all other processes and recovers. */
const killBackend = (server: Own): Promise<void> =>
  asOwnerOf(server, async (owner) => {
    const { rows } = await owner.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'solidarity-pact' limit 1`,
    )
    if (rows[0]) process.kill(rows[0].pid, 'SIGKILL')
  })

const endAll = (server: Own): Promise<void> =>
  asOwnerOf(server, async (owner) => {
    await owner.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()')
  })

async function asOwnerOf({ ownerUrl }: Own, work: (owner: pg.Client) => Promise<void>): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  owner.on('error', () => undefined)
  await owner.connect()
  await work(owner)
  await owner.end()
}
