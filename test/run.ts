/**
 * Runs for `npm test`: starts a PostgreSQL, runs the test files in several processes, and removes everything again.
 * Arguments are files, or folders for the test files in them, and `--bail`, `--timeout=seconds`.
 * TEST_DATABASE_URL names a server to use instead of an embedded one.
 */
import { globSync, statSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { isStartFailure, startFailure } from '../src/platform/failures.ts'
import { committedContract } from './contract-checker.ts'
import { unreachedOperations } from './contract-coverage.ts'
import { runFiles, type FileReport } from './suite/processes.ts'
import { scratchRoot } from './suite/scratch-folder.ts'
import { openTestServer } from './suite/server.ts'

const root = path.resolve(import.meta.dirname, '..')
/** These start first, so that no core is left with one of them when the others have nothing more to do. */
const slowest = [
  'test/access.test.ts',
  'test/outage.test.ts',
  'test/start/keys.test.ts',
  'test/pacts/offer-address.test.ts',
  'test/start/supervision.test.ts',
  'test/readme.test.ts',
  'test/platform/http/pipelining.test.ts',
  'test/platform/jobs/idle-rounds.test.ts',
  'test/platform/vault/canaries.test.ts',
  'test/start/running.test.ts',
]
const slowestShown = 10
const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { bail: { type: 'boolean', default: false }, timeout: { type: 'string', default: '600' } },
})
const folder = await mkdtemp(path.join(await scratchRoot(), 'solidarity-pact-test-'))
// PostgreSQL needs a separate account if we are root.
await chmod(folder, 0o711)
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort(signal))

try {
  process.exitCode = await runSuite(filesAsked())
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function runSuite(files: string[]): Promise<number> {
  const server = await openTestServer(folder)
  try {
    const reached = path.join(folder, 'reached-operations')
    const reports = await runFiles({
      files,
      // One more than there are cores: a file that waits for a process, a browser or PostgreSQL leaves its core to another.
      processes: Math.min(availableParallelism() + 1, files.length),
      secondsMax: Number(options.timeout),
      bail: options.bail,
      environment: { ...environmentOfTests(), ...server.environment, TEST_COVERAGE_FOLDER: reached },
      signal: abort.signal,
    })
    showSlowest(reports)
    return showTally(reports, await unreached(reached))
  } finally {
    await server.stop()
  }
}

function environmentOfTests(): NodeJS.ProcessEnv {
  return {
    // The processes share Node's compile cache, because each of them imports the whole service.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? path.join(folder, 'compiled'),
    // Files that tests write are here too, and are removed with it.
    TMPDIR: folder,
    TAP_TIMEOUT: options.timeout,
    ...(options.bail && { TAP_BAIL: '1' }),
  }
}

function filesAsked(): string[] {
  if (asked.length === 0) return [...new Set([...slowest, ...filesIn('test')])]
  return [...new Set(asked.flatMap(filesOf))]
}

function filesOf(argument: string): string[] {
  const file = path.relative(root, path.resolve(argument))
  const found = statSync(path.join(root, file), { throwIfNoEntry: false })
  if (found?.isDirectory()) return filesIn(file)
  if (found && file.endsWith('.test.ts')) return [file]
  throw startFailure(`There is no test file ${argument}.`)
}

function filesIn(folder: string): string[] {
  return globSync(path.join(folder, '**/*.test.ts'), { cwd: root }).toSorted()
}

function showSlowest(reports: readonly FileReport[]): void {
  const first = reports.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestShown)
  console.log(`\nThe slowest of ${reports.length} files, in seconds:`)
  for (const { file, seconds } of first) console.log(`${seconds.toFixed(1).padStart(7)}  ${file}`)
}

/** A whole run must bring every operation of the contract to a 2xx; a part of the suite cannot. */
async function unreached(reached: string): Promise<string[]> {
  return asked.length > 0 ? [] : unreachedOperations(committedContract(), reached)
}

/** Prints the number of assertions on the last line. Returns the exit code. */
function showTally(reports: readonly FileReport[], operations: readonly string[]): number {
  if (operations.length > 0) console.error(`No test got a 2xx from: ${operations.join(', ')}`)
  const count = (which: 'passed' | 'failed') => reports.reduce((sum, report) => sum + report[which], 0)
  const failed = count('failed') + (operations.length > 0 ? 1 : 0)
  console.log(`\n${count('passed')} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
