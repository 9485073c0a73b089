/**
 * `npm run bench:processes [-- --rounds 5 --seconds 5]`: measures one process and several in turns, on reads by id without a token, and prints
 * how much faster several are and the processor time of each request. The load and PostgreSQL share the cores with the service, so on a
 * small machine the processor time says more than the requests per second.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { provisionOwnDatabase, provisionOwnKeys } from '../src/provision-database.ts'
import { newKey } from '../src/platform/vault/cipher.ts'
import { connected, onCopy, openDatabase } from './database.ts'
import { loadGenerator } from './load.ts'
import { postgresPid, processorMs } from './processor.ts'
import { startService, type Server } from './service.ts'
import { workOn, type Request } from './work.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    processes: { type: 'string', default: '2' },
  },
})
const seconds = Number(options.seconds)
const loginName = 'solidarity_pact_bench'
const rowName = 'organisation by id, anonymous'
/** Of the requests per second of one process. */
const floor = 1.6
const generator = loadGenerator()

type Measured = { requestsPerSecond: number; serviceMicros: number; postgresMicros: number }

const keysFolder = await mkdtemp(path.join(tmpdir(), 'solidarity-pact-bench-keys-'))
const database = await openDatabase()
try {
  await onCopy(database.url, async (ownerUrl) => {
    const environment = {
      DATABASE_URL: await provisionOwnDatabase(ownerUrl, loginName),
      KEYS_DATABASE_URL: await provisionOwnKeys(database.keysUrl, `${loginName}_keyholder`),
      ROOT_KEY: newKey().toString('hex'),
      DATA_FOLDER: keysFolder,
    }
    const one = await startService(environment)
    const several = await startService({ ...environment, PROCESSES: options.processes })
    try {
      await compare(ownerUrl, one, several)
    } finally {
      await Promise.all([one.stop(), several.stop()])
    }
  })
} finally {
  await database.stop()
  await rm(keysFolder, { recursive: true, force: true })
}

async function compare(ownerUrl: string, one: Server, several: Server): Promise<void> {
  const { requests, postgres } = await connected(ownerUrl, async (client) => {
    const item = workOn(client, () => Promise.reject(new Error('no read asks the service'))).find(
      ({ name }) => name === rowName,
    )
    if (!item) throw new Error(`there is no row "${rowName}"`)
    return { requests: await item.requests(), postgres: await postgresPid(client) }
  })
  const measure = (server: Server) => measured(server, requests, postgres)
  // Not counted: the other processes are still starting.
  await measure(one)
  await measure(several)
  const found: { one: Measured[]; several: Measured[] } = { one: [], several: [] }
  for (let round = 0; round < Number(options.rounds); round++) {
    found.one.push(await measure(one))
    found.several.push(await measure(several))
  }
  report(found)
}

async function measured({ pid, port }: Server, requests: Request[], postgres: number): Promise<Measured> {
  const times = () => Promise.all([processorMs(pid), processorMs(postgres)])
  const before = await times()
  const loaded = await generator.measure({ port, requests, seconds })
  const after = await times()
  const micros = (i: 0 | 1) => ((after[i] - before[i]) * 1000) / loaded.requests
  return {
    requestsPerSecond: loaded.requestsPerSecond,
    serviceMicros: micros(0),
    postgresMicros: micros(1),
  }
}

function report({ one, several }: { one: Measured[]; several: Measured[] }): void {
  const ofOne = medianOf(one, 'serviceMicros')
  const withMoreCores = (Number(options.processes) * ofOne) / medianOf(several, 'serviceMicros')
  const ratio = medianOf(several, 'requestsPerSecond') / medianOf(one, 'requestsPerSecond')
  console.log(
    `${rowName}; ${generator.name}; ${cpus().length} cores; load average ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(
    '| processes | requests/s | service µs a request | PostgreSQL µs a request |\n|--:|--:|--:|--:|',
  )
  for (const [count, found] of [['1', one] as const, [options.processes, several] as const])
    console.log(
      `| ${count} | ${medianOf(found, 'requestsPerSecond')} | ${medianOf(found, 'serviceMicros')} | ${medianOf(found, 'postgresMicros')} |`,
    )
  console.log(
    `By the processor time: ${withMoreCores.toFixed(2)} ×, if the load and PostgreSQL had cores of their own.`,
  )
  console.log(
    `${ratio.toFixed(2)} × of one process; the floor is ${floor} ×: ${ratio >= floor ? 'met' : 'missed'}`,
  )
}

function medianOf(found: Measured[], what: keyof Measured): number {
  const sorted = found.map((each) => each[what]).sort((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? NaN)
}
