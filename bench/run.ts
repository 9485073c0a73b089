/**
 * `npm run bench [-- --rounds 5 --seconds 5 --only "pact" --cpu-profile folder]`: measures the real service against a
 * bare Fastify hello-world in interleaved rounds and, when everything was measured, writes bench/README.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { provisionOwnDatabase, provisionOwnKeys } from '../src/provision-database.ts'
import { newKey } from '../src/platform/vault/cipher.ts'
import { isStartFailure } from '../src/platform/failures.ts'
import { connected, onCopy, openDatabase } from './database.ts'
import { loadGenerator, type Measured } from './load.ts'
import { reportOf, writeReport, type Measurements } from './report.ts'
import { startHello, startService, startUnguarded, type Server } from './service.ts'
import { firstPage, workOn, type Ask, type Request, type WorkItem } from './work.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    'cpu-profile': { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const seconds = Number(options.seconds)
/** A login for this benchmark only, because a given server may hold other databases of the service. */
const loginName = 'solidarity_pact_bench'
const warmUpSeconds = 2
const startsMeasured = 5
const startCeilingsMs = { given: 900, embedded: 2000 }
const generator = loadGenerator()
/** The load by other processes; above 0.7 the results are unreliable. */
const loadBefore = loadavg()[0] ?? 0

try {
  const keysFolder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-bench-keys-'))
  try {
    await bench(keysFolder)
  } finally {
    await rm(keysFolder, { recursive: true, force: true })
  }
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

async function bench(keysFolder: string): Promise<void> {
  const database = await openDatabase()
  const start: Measurements['start'] = []
  let found: Omit<Measurements, 'start'>
  try {
    const given = {
      DATABASE_URL: await provisionOwnDatabase(database.url, loginName),
      KEYS_DATABASE_URL: await provisionOwnKeys(database.keysUrl, `${loginName}_keyholder`),
      ROOT_KEY: newKey().toString('hex'),
      DATA_FOLDER: keysFolder,
    }
    if (!options.only) {
      start.push({
        name: 'start to the first 200, given database',
        ms: await startMs(given),
        ceilingMs: startCeilingsMs.given,
      })
    }
    found = await onCopy(database.url, async (ownerUrl) => {
      const url = await provisionOwnDatabase(ownerUrl, loginName)
      return measureAll(ownerUrl, { ...given, DATABASE_URL: url })
    })
  } finally {
    await database.stop()
  }
  if (!options.only && database.dataFolder) {
    const ms = await startMs({ DATA_FOLDER: database.dataFolder })
    start.push({
      name: 'start to the first 200, embedded database with its data',
      ms,
      ceilingMs: startCeilingsMs.embedded,
    })
  }
  const report = reportOf({ ...found, start })
  console.log(`\n${report}`)
  if (!options.only) await writeReport(report)
}

async function startMs(environment: Record<string, string>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < startsMeasured; i++) {
    const service = await startService(environment)
    times.push(service.startedInMs)
    await service.stop()
  }
  return median(times)
}

type Environment = Record<string, string> & { DATABASE_URL: string }

async function measureAll(ownerUrl: string, environment: Environment): Promise<Omit<Measurements, 'start'>> {
  const profile = options['cpu-profile']
  const nodeOptions = profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`] : []
  const servers = [startHello(), startService(environment, nodeOptions), startUnguarded(environment)] as const
  const [hello, service, unguarded] = await Promise.all(servers)
  try {
    return await connected(ownerUrl, async (client) => {
      const ask = askerOf(service)
      const items = workOn(client, ask).filter(wanted)
      for (const item of items) await check(item, ask)
      return measureInRounds({ hello, service, unguarded, items, databaseUrl: ownerUrl })
    })
  } finally {
    await Promise.all([hello.stop(), service.stop(), unguarded.stop()])
  }
}

function wanted({ name }: WorkItem): boolean {
  return name.includes(options.only) || (name === firstPage && 'page at row 50,000'.includes(options.only))
}

async function check(item: WorkItem, ask: Ask): Promise<void> {
  for (const request of (await item.requests()).slice(0, 20)) {
    const { status, body } = await ask(request)
    const fault = item.fault(status, body)
    if (fault) throw new Error(`${item.name}: ${request.method} ${request.path}: ${fault}`)
  }
}

type Running = { hello: Server; service: Server; unguarded: Server; items: WorkItem[]; databaseUrl: string }

async function measureInRounds({
  hello,
  service,
  unguarded,
  items,
  databaseUrl,
}: Running): Promise<Omit<Measurements, 'start'>> {
  const startedAt = new Date()
  const helloRequests: Request[] = [{ method: 'GET', path: '/', headers: {} }]
  const helloFound: Measured[] = []
  const found = items.map((item) => ({ item, measured: [] as Measured[] }))
  let residentMegabytes = 0
  for (let round = 0; round <= rounds; round++) {
    // The first round is a warm-up and does not count.
    const duration = round === 0 ? warmUpSeconds : seconds
    const counts = round > 0
    console.log(counts ? `\nround ${round} of ${rounds}` : 'warming up')
    const measuredHello = await generator.measure({
      port: hello.port,
      requests: helloRequests,
      seconds: duration,
    })
    if (counts) helloFound.push(tell('hello-world', measuredHello))
    for (const { item, measured } of found) {
      const { port } = item.unguarded ? unguarded : service
      const load = { port, requests: await item.requests(), seconds: duration }
      const one = await generator.measure(load)
      residentMegabytes = Math.max(residentMegabytes, await service.residentMegabytes())
      if (counts) measured.push(tell(item.name, one))
    }
    await vouchForNew(databaseUrl, startedAt)
  }
  return {
    facts: await factsOf(databaseUrl),
    hello: medians(helloFound),
    items: found.map(({ item, measured }) => ({ item, measured: medians(measured) })),
    residentMegabytes,
  }
}

/** Otherwise the lists of later rounds would skip thousands of rows that nobody may see; no real list does. */
async function vouchForNew(databaseUrl: string, since: Date): Promise<void> {
  await connected(databaseUrl, async (client) => {
    await client.query(
      `update organisations set status = 'verified' where status = 'provisional' and created_at >= $1`,
      [since],
    )
    await client.query('vacuum (analyze) organisations')
    await client.query('checkpoint')
  })
}

function tell(name: string, measured: Measured): Measured {
  const rate = Math.round(measured.requestsPerSecond).toLocaleString('en')
  console.log(`${name.padEnd(56)} ${rate.padStart(8)}/s   p99 ${measured.p99Ms.toFixed(1)} ms`)
  return measured
}

async function factsOf(databaseUrl: string): Promise<Record<string, string>> {
  const version = await connected(databaseUrl, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version
  })
  return {
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim() || 'unknown'}), shared by all that is measured; load average before the run ${loadBefore.toFixed(1)}`,
    software: `Node ${process.versions.node}, PostgreSQL ${version}, one service process`,
    load: `${generator.name}, medians of ${rounds} rounds of ${seconds} s`,
    when: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${commit()}`,
  }
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
  try {
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', '../src', '.') ? ' with changes' : '')
    )
  } catch {
    return 'unknown'
  }
}

function askerOf(service: Server) {
  return async ({ path, ...request }: Request) => {
    const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, request)
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? null : (JSON.parse(text) as unknown),
    }
  }
}

function medians(measured: Measured[]): Measured {
  return {
    requestsPerSecond: median(measured.map((one) => one.requestsPerSecond)),
    p99Ms: median(measured.map((one) => one.p99Ms)),
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}
