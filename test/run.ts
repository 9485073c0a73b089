import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { startEmbedded } from '../src/platform/embedded/embedded.ts'
import { isStartFailure, startFailure } from '../src/platform/failures.ts'
import { migrate } from '../src/platform/start/migrate.ts'
import { committedContract } from './contract-checker.ts'
import { unreachedOperations } from './contract-coverage.ts'
import { scratchRoot } from './scratch-folder.ts'
import { provisionOwnKeys } from '../src/provision-database.ts'
import { jobs } from '../src/jobs.ts'

// What `npm test` runs: a PostgreSQL for the tests, one migrated template in it, tap, and everything removed
// again. Arguments go to tap; a folder stands for the test files in it, so `npm test -- test/pacts` runs a part.
// TEST_DATABASE_URL names a server to use instead.

const root = path.resolve(import.meta.dirname, '..')
const folder = await mkdtemp(path.join(await scratchRoot(), 'solidarity-pact-test-'))
// PostgreSQL has an account of its own when we are root.
await chmod(folder, 0o711)
const prefix = `pact_test_${randomBytes(4).toString('hex')}`
// On every core: tap would leave one free, and a file waits for PostgreSQL half of its time.
const parallel = `--jobs=${availableParallelism()}`
/** Whom the service is in every test. */
const service = { name: `${prefix}_service`, password: randomBytes(16).toString('hex') }
/** What the database is without, for test/guards. */
const templateSql = process.env['TEST_TEMPLATE_SQL']
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort(signal))

try {
  process.exitCode = await runSuite()
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function runSuite(): Promise<number> {
  if (!tapIsBuilt()) await exitCodeOf(startTap(['build'], 'ignore'))
  const server = await testServer()
  try {
    const template = await makeTemplate(server.url)
    const reached = path.join(folder, 'reached-operations')
    const { exitCode: tapExitCode, summary } = await runTests({
      TEST_SERVER_URL: server.url,
      TEST_SERVICE_URL: serviceUrlOf(server.url),
      TEST_TEMPLATE: template,
      TEST_KEYS_URL: await makeKeysDatabase(server.url),
      TEST_COVERAGE_FOLDER: reached,
    })
    const exitCode = tapExitCode || (await exitCodeOfCoverage(reached))
    console.log(tally(summary, exitCode))
    return exitCode
  } finally {
    await dropDatabases(server.url)
    await server.stop()
  }
}

async function testServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) return { url: await mayCreateDatabases(given), stop: async () => undefined }
  return startEmbedded({ dataFolder: folder, fast: true })
}

async function mayCreateDatabases(url: string): Promise<string> {
  const question = 'select rolsuper as may from pg_roles where rolname = current_user'
  const { rows } = await onServer(url, (server) => server.query<{ may: boolean }>(question)).catch(
    (error: unknown) => {
      throw startFailure('TEST_DATABASE_URL leads to no PostgreSQL server that lets its user in.', error)
    },
  )
  if (rows[0]?.may) return url
  throw startFailure(
    'The user of TEST_DATABASE_URL must be a superuser: tests make databases and users, and try what those may not.',
  )
}

async function makeTemplate(serverUrl: string): Promise<string> {
  const template = `${prefix}_template`
  await onServer(serverUrl, (server) => server.query(`create database ${template} template template0`))
  const url = new URL(serverUrl)
  url.pathname = template
  await migrate(url.href, jobs, service)
  if (templateSql) await onServer(url.href, (owner) => owner.query(templateSql))
  return template
}

/** One for all tests: no two of them have to do with the same person. */
async function makeKeysDatabase(serverUrl: string): Promise<string> {
  const name = `${prefix}_keys`
  await onServer(serverUrl, (server) => server.query(`create database ${name} template template0`))
  const url = new URL(serverUrl)
  url.pathname = name
  return provisionOwnKeys(url.href, `${prefix}_keyholder`)
}

function serviceUrlOf(serverUrl: string): string {
  const url = new URL(serverUrl)
  url.username = service.name
  url.password = service.password
  return url.href
}

async function dropDatabases(serverUrl: string): Promise<void> {
  await onServer(serverUrl, async (server) => {
    const made = await server.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    )
    for (const { datname } of made.rows) await server.query(`drop database if exists ${datname} with (force)`)
    await server.query(`drop role if exists ${service.name}`)
    await server.query(`drop role if exists ${prefix}_keyholder`)
  })
}

async function onServer<T>(url: string, work: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: url })
  try {
    await server.connect()
    return await work(server)
  } finally {
    await server.end()
  }
}

/** `tap build` links the built test class to the plugins of .taprc; a fresh install lacks the link. */
function tapIsBuilt(): boolean {
  return existsSync(path.join(root, 'node_modules/@tapjs/test/test-built/node_modules'))
}

/** On a terminal tap's own display, with the counts from a file; for logs the plain stream, shortened. */
async function runTests(environment: NodeJS.ProcessEnv): Promise<{ exitCode: number; summary: string }> {
  const asked = process.argv.slice(2).map(filesOf)
  const display = asked.some((argument) => /^(-R|--reporter)/.test(argument)) ? [] : ['--reporter=terse']
  if (process.stdout.isTTY || display.length === 0) {
    const stream = path.join(folder, 'stream.tap')
    const tap = startTap([`--output-file=${stream}`, ...display, parallel, ...asked], 'inherit', environment)
    const exitCode = await exitCodeOf(tap)
    const lines = (await readFile(stream, 'utf8').catch(() => '')).split('\n')
    return { exitCode, summary: lines.findLast(isSummary) ?? '' }
  }
  const tap = startTap(['--reporter=tap', parallel, ...asked], 'pipe', environment)
  const [exitCode, summary] = await Promise.all([exitCodeOf(tap), tap.stdout ? showResults(tap.stdout) : ''])
  return { exitCode, summary }
}

/** tap runs nothing for a folder; for a pattern it does. */
function filesOf(argument: string): string {
  const isFolder = statSync(path.resolve(root, argument), { throwIfNoEntry: false })?.isDirectory()
  return isFolder ? path.join(argument, '**/*.test.ts') : argument
}

function startTap(
  args: string[],
  output: 'ignore' | 'inherit' | 'pipe',
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  abort.signal.throwIfAborted()
  // A process group of its own, so that a signal reaches tap and its test files once, from us, and we clean
  // up after.
  const tap = spawn(process.execPath, [path.join(root, 'node_modules/tap/dist/esm/run.mjs'), ...args], {
    cwd: root,
    detached: true,
    env: {
      // Files share what node compiled: each of them imports the whole service.
      NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
      ...process.env,
      // What tests make on the disk lies there too, and is removed with it.
      TMPDIR: folder,
      ...environment,
    },
    stdio: ['ignore', output, 'inherit'],
  })
  abort.signal.addEventListener('abort', () => tap.exitCode ?? process.kill(-(tap.pid ?? 0), 'SIGTERM'))
  return tap
}

async function exitCodeOf(tap: ChildProcess): Promise<number> {
  return new Promise((resolve) => tap.once('exit', (code) => resolve(code ?? 1)))
}

/** A whole run must have brought every operation of the contract to a 2xx; a part of it cannot. */
async function exitCodeOfCoverage(reached: string): Promise<number> {
  if (process.argv.length > 2) return 0
  const unreached = await unreachedOperations(committedContract(), reached)
  if (unreached.length === 0) return 0
  console.error(`No test got a 2xx from: ${unreached.join(', ')}`)
  return 1
}

/** One line for each file, all of what failed, and nothing of the rest. Returns tap's summary. */
async function showResults(output: NodeJS.ReadableStream): Promise<string> {
  let failing = false
  let summary = ''
  for await (const line of createInterface({ input: output })) {
    if (isSummary(line)) summary = line
    if (/^ *(not )?ok /.test(line)) failing = line.trimStart().startsWith('not ok')
    if (failing || /^(ok |Bail out!)/.test(line)) console.log(line)
    if (line.trim() === '...') failing = false
  }
  return summary
}

function isSummary(line: string): boolean {
  return line.startsWith('# { total:')
}

/** Assertions, from tap's own summary. A run that ends badly has failed, even where no assertion says so. */
function tally(summary: string, exitCode: number): string {
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return `${count('pass')} passed, ${Math.max(count('fail'), exitCode === 0 ? 0 : 1)} failed`
}
