import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { cloneDatabase, testServer, type TestDatabase } from '../databases.ts'
import { runningEmbedded } from '../../src/platform/embedded/embedded.ts'
import { askAgainMs, dataFolder, listens, refusal, register, startService } from './service.ts'
import { usedDataFolder } from './used-data-folder.ts'

const union = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Vesna' } }

t.test('committed data survive a stop and a kill, and the embedded server refuses other users', async (t) => {
  const settings = { DATA_FOLDER: await dataFolder(t) }

  const first = await startService(t, settings)
  await first.prints('npm run story')
  t.match(first.printed(), /The operator's token, shown this once: \S{40}/)
  t.match(first.printed(), `${first.url}/docs`)
  const early = await register(first)
  const intruder = await refusal(t, settings)
  t.equal(intruder.exitCode, 1)
  t.match(intruder.sentence, /^The data folder [^\n]+ is locked: another instance [^\n]+\.\n$/)
  first.signal('SIGTERM')
  t.equal(await first.ended, 0)

  const second = await startService(t, settings)
  await second.prints('npm run story')
  t.notMatch(second.printed(), "The operator's token")
  t.equal(await early.foundIn(second), 200)
  const late = await register(second)
  second.signal('SIGKILL')
  t.equal(await second.ended, null)

  const third = await startService(t, settings)
  t.equal(await early.foundIn(third), 200)
  t.equal(await late.foundIn(third), 200)
  third.signal('SIGINT')
  t.equal(await third.ended, 0)

  await writeFile(path.join(settings.DATA_FOLDER, 'postgres/cluster/PG_VERSION'), '17\n')
  const outgrown = await refusal(t, settings)
  t.equal(outgrown.exitCode, 1)
  t.match(
    outgrown.sentence,
    /^The data folder [^\n]+ was made by PostgreSQL 17 and the embedded one is 18[^\n]+\.\n$/,
  )
})

t.test('a command that looks for a running service does not become the owner of its server', async (t) => {
  const DATA_FOLDER = await usedDataFolder(t)
  const service = await startService(t, { DATA_FOLDER })
  await service.prints('npm run story')
  const url = new URL((await runningEmbedded(DATA_FOLDER))?.url ?? '')
  const client = new pg.Client(Object.assign(url, { pathname: 'postgres' }).href)
  await client.connect()
  t.teardown(() => client.end())
  const ask = async (what: string) => (await client.query<{ answer: string }>(what)).rows[0]?.answer
  const lock = await ask(
    `select classid::bigint << 32 | objid::bigint as answer from pg_locks join pg_database on pg_database.oid = database
      where locktype = 'advisory' and datname = current_database()`,
  )
  const takes = async () => String(await ask(`select pg_try_advisory_lock(${lock}) as answer`)) === 'true'
  t.notOk(await takes(), 'the service owns its server')
  service.signal('SIGKILL')
  await service.ended
  while (!(await takes())) await pause(askAgainMs)

  let locked = 0
  let looking = true
  const lookers = Array.from({ length: 4 }, async () => {
    while (looking) await runningEmbedded(DATA_FOLDER)
  })
  for (let attempt = 1; attempt <= 300; attempt++) {
    await ask(`select pg_advisory_unlock_all() as answer`)
    await setImmediate()
    if (!(await takes())) locked += 1
  }
  looking = false
  await Promise.all(lookers)

  t.equal(locked, 0, 'whoever starts a service then gets it')
})

t.test('a request in progress is answered before the service stops', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const settings = { DATABASE_URL: database.url, SIGNING_KEY_FILE: path.join(t.testdir(), 'receipts.pem') }
  const service = await startService(t, settings)
  const body = JSON.stringify(union)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const post = request(`${service.url}/v1/organisations`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  })
  const answered = once(post, 'response')
  post.write(body.slice(0, 20))
  await service.prints('"route":"/v1/organisations"')

  service.signal('SIGTERM')
  while (await listens(service)) await pause(askAgainMs)
  post.end(body.slice(20))

  const [answer] = (await answered) as [{ statusCode: number; resume(): void }]
  answer.resume()
  t.equal(answer.statusCode, 201)
  t.equal(await service.ended, 0)
})

t.test('a worker serves its health probes and nothing else', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const key = path.join(t.testdir(), 'receipts.pem')

  const worker = await startService(t, { ROLE: 'worker', DATABASE_URL: database.url, SIGNING_KEY_FILE: key })

  t.equal((await fetch(`${worker.url}/readyz`)).status, 200)
  t.equal((await fetch(`${worker.url}/v1/organisations`)).status, 404)

  await shut(database)
  const readiness = await eventually(() => fetch(`${worker.url}/readyz`), 503)
  t.equal(readiness.headers.get('retry-after'), '2')
  t.match(await readiness.json(), { code: 'unavailable' })
  t.equal((await fetch(`${worker.url}/livez`)).status, 200)
  worker.signal('SIGTERM')
  t.equal(await worker.ended, 0)
})

/** Ends every connection to the database and refuses new ones. */
async function shut({ url }: TestDatabase): Promise<void> {
  const server = new pg.Client({ connectionString: testServer().serverUrl })
  await server.connect()
  const name = new URL(url).pathname.slice(1)
  await server.query(`alter database ${name} allow_connections false`)
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  await server.end()
}

/** Retries until this answer comes; the time limit of the test ends it otherwise. */
async function eventually(ask: () => Promise<Response>, status: number): Promise<Response> {
  for (;;) {
    const answer = await ask()
    if (answer.status === status) return answer
    await answer.arrayBuffer()
  }
}
