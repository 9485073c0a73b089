/**
 * A process of a test run: it receives test files and runs one after another, each as a subtest. They share the slowest part of
 * a first test, which is to load the service's modules and to compile its schemas.
 */
import { flushCompileCache, registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { FileResult } from './processes.ts'
import { dropReadyDatabases } from './ready-databases.ts'

const ofThisFile = 'tap:of-this-file'
const shared = globalThis as { testOfFile?: unknown }

/** The `t` that a test file imports is its own subtest. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'tap' || !context.parentURL?.endsWith('.test.ts')) return next(specifier, context)
    return { url: `${ofThisFile}?${context.parentURL}`, format: 'module', shortCircuit: true }
  },
  load(url, context, next) {
    if (!url.startsWith(ofThisFile)) return next(url, context)
    return { format: 'module', source: 'export default globalThis.testOfFile', shortCircuit: true }
  },
})

let isFirst = true

// Each test has its own time limit, and the run has one for each file.
t.setTimeout(0)
process.on('message', (file: string) => void run(file))
// Their connections keep the process from ending.
process.once('disconnect', () => void dropReadyDatabases())

async function run(file: string): Promise<void> {
  const begun = performance.now()
  const { total, pass, fail } = t.counts
  await t.test(file, async (test) => {
    shared.testOfFile = test
    await import(pathToFileURL(path.resolve(file)).href)
  })
  const isEmpty = t.counts.total === total
  if (isEmpty) process.stdout.write(`not ok - ${file} has no test\n`)
  const result: FileResult = {
    passed: t.counts.pass - pass,
    failed: t.counts.fail - fail + (isEmpty ? 1 : 0),
    seconds: (performance.now() - begun) / 1000,
  }
  // tap has released the channel, which keeps this process waiting for the next file.
  process.channel?.ref()
  process.send?.(result)
  // Services that tests start read it long before this process ends.
  if (isFirst) flushCompileCache()
  isFirst = false
}
