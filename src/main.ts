/** The process: reads the settings, serves, and shuts down gracefully. A start that fails prints one sentence. */
import cluster from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'
import './platform/start/quick-modules.js'
import closeWithGrace from 'close-with-grace'
import { readConfig } from './platform/start/config.ts'
import { isAlreadyReported, isStartFailure } from './platform/failures.ts'
import { printable } from './platform/start/logging.ts'
import { codeOf, isUnavailable } from './platform/database/sqlstate.ts'

const stopSignals = ['SIGINT', 'SIGTERM'] as const
const faultEvents = ['uncaughtException', 'unhandledRejection'] as const
/**
 * npm forwards Ctrl-C, which the terminal has sent to all processes already: a second signal at once is the same
 * request.
 */
const echoMsMax = 2000

const state = { stopping: false }
let failing = false
/** Functions that close what is open now. The last opened is closed first: the database outlives its users. */
const closers: (() => Promise<unknown>)[] = []
const lost = Promise.withResolvers<never>()
/** The time limit for closing after a failure; then the process exits anyway. */
const failMsMax = 10_000
/** How much later than its supervisor a process gives up what is in progress, so that only one says so. */
const cutOffMs = 2000

try {
  const config = readConfig()
  const isSupervisor = config.processes > 1 && cluster.isPrimary
  // One process of several is cut off by its supervisor.
  const delay = config.stopGraceSeconds * 1000 + (cluster.isWorker ? cutOffMs : 0)
  const options = {
    delay,
    logger: false as const,
    onTimeout: reportTimeout,
    skip: [...stopSignals, ...faultEvents],
  }
  const { close } = closeWithGrace(options, () => stop())
  onStopSignal(close)
  for (const event of faultEvents) process.on(event, onFault)
  const serve = isSupervisor
    ? (await import('./serve-many.ts')).serveMany
    : (await import('./serve.ts')).serve
  await Promise.race([serve(config, { state, closers, giveUp: lost.reject }), lost.promise])
  lost.promise.catch(fail)
} catch (error) {
  await fail(error)
}

/** pg-boss stops listening to a connection that it closes. If the server ends it at that moment, nothing is wrong. */
function onFault(fault: unknown): void {
  if (isUnavailable(fault)) console.error(`A connection to the database was lost (${codeOf(fault)}).`)
  else void fail(fault)
}

async function fail(error: unknown): Promise<never> {
  report(error)
  if (failing) process.exit(1)
  failing = true
  await Promise.race([stop().catch(() => undefined), pause(failMsMax)])
  process.exit(1)
}

/** The first signal stops gracefully, a later one at once. */
function onStopSignal(close: () => void): void {
  let firstAt: number | undefined
  const obey = () => {
    if (firstAt !== undefined && performance.now() - firstAt > echoMsMax) process.exit(1)
    if (firstAt !== undefined) return
    firstAt = performance.now()
    close()
  }
  for (const signal of stopSignals) process.on(signal, obey)
}

async function stop(): Promise<void> {
  state.stopping = true
  const failures: unknown[] = []
  for (const close of closers) await close().catch((error: unknown) => failures.push(error))
  // Without a database some of it cannot close properly, and need not.
  const faults = failures.filter((failure) => !isUnavailable(failure))
  for (const each of faults) report(each)
  if (faults.length > 0) throw new Error('not everything could be closed')
}

function report(error: unknown): void {
  if (!isAlreadyReported(error)) console.error(isStartFailure(error) ? error.message : printable(error))
}

function reportTimeout(): void {
  console.error('Not everything in progress was finished within STOP_GRACE_SECONDS; the rest was cut off.')
}
