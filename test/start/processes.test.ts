import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t, { type Test } from 'tap'
import { cloneDatabase } from '../databases.ts'
import { runningEmbedded } from '../../src/platform/embedded/embedded.ts'
import { beginService, dataFolder, filled, lives, refusal, type Service } from './service.ts'

t.test('two processes answer on one port, and one that is killed is started again', async (t) => {
  const { service, databaseUrl } = await startTwo(t)
  const [first, second, ...more] = await processesOf(service)
  if (first === undefined || second === undefined) throw new Error('there are no two processes')
  t.same(more, [])
  t.equal(service.printed().match(/The operator's token, shown this once/g)?.length, 1)
  t.equal(await jobRunners(databaseUrl), 1)
  const connections = [connectionTo(service, t), connectionTo(service, t)] as const
  t.same(await Promise.all(connections.map((ask) => ask())), [200, 200])

  process.kill(first, 'SIGKILL')
  await filled(async () => !lives(first))
  const outcomes = await Promise.allSettled(connections.map((ask) => ask()))
  t.same(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one connection goes on')
  const other = connections[outcomes.findIndex(({ status }) => status === 'fulfilled')]
  t.equal((await fetch(`${service.url}/v1/organisations`)).status, 200, 'and it takes new ones')
  await service.prints('Process 1 of 2 runs again.')

  t.match(service.printed(), 'Process 1 of 2 has ended (SIGKILL) and is started again.')
  t.equal(await filled(() => jobRunners(databaseUrl)), 1, 'the new process runs the jobs')
  t.equal((await fetch(`${service.url}/readyz`)).status, 200)
  const running = await processesOf(service)
  t.equal(running.length, 2)
  t.ok(running.includes(second))
  const [restarted = 0] = running.filter((pid) => pid !== second)
  process.kill(restarted, 'SIGSTOP')
  t.equal(await other?.({ url: '/readyz' }), 503, 'one process cannot work')
  process.kill(restarted, 'SIGCONT')
  t.equal(await other?.({ url: '/readyz' }), 200)
  service.signal('SIGTERM')
  t.equal(await service.ended, 0)
  t.notOk(running.some(lives))
  t.equal(service.printed().match(/The operator's token, shown this once/g)?.length, 1)
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

t.test('a limit counts over all processes, which share one embedded PostgreSQL', async (t) => {
  const DATA_FOLDER = await dataFolder(t)
  const limits = { BAD_TOKENS_PER_MINUTE: '5', ANONYMOUS_REQUESTS_PER_MINUTE: '100' }
  const service = await beginTwo(t, { DATA_FOLDER, POOL_CONNECTIONS_MAX: '60', ...limits })
  const embedded = await runningEmbedded(DATA_FOLDER)
  const token = { authorization: `Bearer spt_${'x'.repeat(43)}` }
  const connections = [connectionTo(service, t), connectionTo(service, t)]
  const asked = async (count: number, headers = {}) => {
    const statuses = []
    for (let i = 0; i < count; i++) statuses.push(await connections[i % 2]?.({ headers }))
    return statuses
  }

  t.same(await asked(7, token), [401, 401, 401, 401, 401, 429, 429], 'exactly as many as one process allows')
  const served = (await asked(110)).filter((status) => status === 200).length
  t.ok(served <= 100, 'not more than the quota')
  t.ok(served >= 75, 'and most of it, although each process has shares of its own')
  t.equal(await connectionsMax(embedded?.url ?? ''), 164, 'twice 72, and 20 for commands')
  service.signalAll('SIGINT')
  t.equal(await service.ended, 0, 'Ctrl-C reaches all processes at once')
  t.notMatch(service.printed(), /\n +at /, 'no stack trace')
})

t.test('when the first process cannot start, one sentence says why and no other starts', async (t) => {
  const { url, drop } = await cloneDatabase()
  t.teardown(drop)
  const SIGNING_KEY_FILE = path.join(t.testdir({ 'receipts.pem': 'no key' }), 'receipts.pem')

  const { exitCode, sentence } = await refusal(t, { PROCESSES: '2', DATABASE_URL: url, SIGNING_KEY_FILE })

  t.equal(exitCode, 1)
  t.match(sentence, /^The setting SIGNING_KEY_FILE is [^\n]+\.\n$/)
})

/** A service of two processes that both listen, on a database of its own. */
async function startTwo(t: Test) {
  const { url, drop } = await cloneDatabase()
  t.teardown(drop)
  const SIGNING_KEY_FILE = path.join(t.testdir(), 'receipts.pem')
  const service = await beginTwo(t, { DATABASE_URL: url, SIGNING_KEY_FILE })
  return { service, databaseUrl: url }
}

async function beginTwo(t: Test, settings: Record<string, string>): Promise<Service> {
  const service = await beginService(t, { PROCESSES: '2', ...settings })
  await filled(async () => service.printed().match(/Server listening/g)?.length === 2)
  return service
}

/** In the order in which they were started. */
async function processesOf({ pid }: Service): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid='])
  const all = stdout.split('\n').map((line) => line.trim().split(/ +/).map(Number))
  return all.flatMap(([parent, child]) => (parent === pid && child ? [child] : [])).sort((a, b) => a - b)
}

/** Asks on one connection, which is kept. New connections go to the processes in turns. */
function connectionTo(service: Service, t: Test) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  let connected = false
  return async ({ url = '/v1/organisations', headers = {} }: { url?: string; headers?: object } = {}) => {
    const asked = get(service.url + url, { agent, headers: { ...headers } })
    asked.once('socket', (socket) => {
      if (connected && socket.connecting) asked.destroy(new Error('the connection was lost'))
      connected = true
    })
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
    return answer.statusCode
  }
}

async function connectionsMax(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ max_connections: string }>('show max_connections')
  await client.end()
  return Number(rows[0]?.max_connections)
}

/** How many processes wait for news of jobs. */
async function jobRunners(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rowCount } = await client.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'solidarity-pact jobs'
      and query ~ '^(LISTEN|SELECT EXISTS)'`,
  )
  await client.end()
  return rowCount ?? 0
}
