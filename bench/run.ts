/**
 * `npm run bench [-- --rounds 5 --seconds 5 --only "pact" --cpu-profile folder]`: measures the real service against a
 * bare Fastify hello-world and the hand-tuned limit in interleaved rounds and, when everything was measured, writes
 * bench/README.md.
 */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { isStartFailure, startFailure } from '../src/platform/failures.ts'
import { connected, openDatabase } from './database.ts'
import { askerOf, environmentOn, onCopyFor, withKeysFolder, type Environment } from './environment.ts'
import { loadGenerator } from './load.ts'
import { postgresPid } from './processor.ts'
import { reportOf, writeReport, type Measurements } from './report.ts'
import { measureInRounds, startMs } from './rounds.ts'
import { differenceOf, wholeAnswer } from './same-bytes.ts'
import { startHello, startLimit, startService, startUnguarded, type Server } from './service.ts'
import { firstPage, workOn, type Ask, type WorkItem } from './work.ts'

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
const startsMeasured = 5
/** Multiples of the hello-world's start. */
const startCeilings = { given: 2, embedded: 4 }
const checkedRequests = 20
const generator = loadGenerator()
/** The load by other processes; above 0.7 the results are unreliable. */
const loadBefore = loadavg()[0] ?? 0

try {
  await withKeysFolder(bench)
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  process.exitCode = 1
}

async function bench(keysFolder: string): Promise<void> {
  const database = await openDatabase()
  const start: Measurements['start'] = []
  const isWhole = options.only === ''
  const helloStartMs = isWhole ? await startMs(startHello, startsMeasured) : undefined
  let found: MeasuredItems
  try {
    const given = await environmentOn(database, keysFolder)
    if (isWhole) {
      const ms = await startMs(() => startService(given), startsMeasured)
      start.push({ name: 'start to the first 200, given database', ms, ceiling: startCeilings.given })
    }
    found = await onCopyFor(database, given, measureAll)
  } finally {
    await database.stop()
  }
  const { dataFolder } = database
  if (isWhole && dataFolder) {
    const ms = await startMs(() => startService({ DATA_FOLDER: dataFolder }), startsMeasured)
    const name = 'start to the first 200, embedded database with its data'
    start.push({ name, ms, ceiling: startCeilings.embedded })
  }
  const report = reportOf({ ...found, start, helloStartMs })
  console.log(`\n${report}`)
  if (isWhole) await writeReport(report)
}

type MeasuredItems = Omit<Measurements, 'start' | 'helloStartMs'>

async function measureAll(ownerUrl: string, environment: Environment): Promise<MeasuredItems> {
  const profile = options['cpu-profile']
  const nodeOptions = profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`] : []
  const [hello, service, unguarded, limit] = await Promise.all([
    startHello(),
    startService(environment, nodeOptions),
    startUnguarded(environment),
    startLimit(ownerUrl),
  ])
  try {
    return await connected(ownerUrl, async (client) => {
      const ask = askerOf(service)
      const items = workOn(client, ask).filter(wanted)
      for (const item of items) await check(item, { ask, service, limit })
      const machine = { generator, postgresPid: await postgresPid(client) }
      const servers = { hello, service, unguarded, limit }
      const found = await measureInRounds(machine, servers, { items, rounds, seconds, databaseUrl: ownerUrl })
      return { ...found, facts: await factsOf(ownerUrl) }
    })
  } finally {
    await Promise.all([hello, service, unguarded, limit].map((server) => server.stop()))
  }
}

function wanted({ name }: WorkItem): boolean {
  return name.includes(options.only) || (name === firstPage && 'page at row 50,000'.includes(options.only))
}

type Checked = { ask: Ask; service: Server; limit: Server }

/** The service must answer what the item expects, and the limit the same bytes. */
async function check(item: WorkItem, { ask, service, limit }: Checked): Promise<void> {
  const requests = (await item.requests()).slice(0, checkedRequests)
  for (const request of requests) {
    const { status, body } = await ask(request)
    const fault = item.fault(status, body)
    if (fault) throw startFailure(`${item.name}: ${request.method} ${request.path}: ${fault}`)
  }
  if (item.shareOfLimit === undefined) return
  // Registered anew: the service would replay the answers above.
  for (const request of (await item.requests()).slice(-checkedRequests)) {
    const answers = [
      await wholeAnswer(service.port, request),
      await wholeAnswer(limit.port, request),
    ] as const
    const difference = differenceOf(request, ...answers)
    if (difference)
      throw startFailure(
        `The limit must answer with the bytes of the service. Change bench/limit. ${item.name}: ${difference}`,
      )
  }
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
