/** The process: read the settings, serve, and close with grace. A start that fails says why in one sentence. */
import { enableCompileCache } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import closeWithGrace from 'close-with-grace'
import './platform/start/quick-modules.ts'
import { readConfig } from './platform/start/config.ts'
import { isStartFailure } from './platform/failures.ts'
import { printable } from './platform/start/logging.ts'
import { codeOf, isUnavailable } from './platform/database/sqlstate.ts'

/** Most of a start is reading modules; compiled ones take a third less of it. Not kept where we may not write. */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/solidarity-pact', import.meta.url)))

const stopSignals = ['SIGINT', 'SIGTERM'] as const
const faultEvents = ['uncaughtException', 'unhandledRejection'] as const
/** npm passes Ctrl-C on, which the terminal has sent to all of us already: what follows at once is the same wish. */
const echoMsMax = 2000

const state = { stopping: false }
let failing = false
/** How to close what is open by now. What was opened last is closed first: the database outlives its users. */
const closers: (() => Promise<unknown>)[] = []
const lost = Promise.withResolvers<never>()
/** How long closing may take after a failure; then the process ends all the same. */
const failMsMax = 10_000

try {
  const config = readConfig()
  const delay = config.stopGraceSeconds * 1000
  const options = {
    delay,
    logger: false as const,
    onTimeout: reportTimeout,
    skip: [...stopSignals, ...faultEvents],
  }
  const { close } = closeWithGrace(options, () => stop())
  onStopSignal(close)
  for (const event of faultEvents) process.on(event, onFault)
  const { serve } = await import('./serve.ts')
  await Promise.race([serve(config, { state, closers, giveUp: lost.reject }), lost.promise])
  lost.promise.catch(fail)
} catch (error) {
  await fail(error)
}

/** pg-boss listens no longer to a connection that it closes; when the server ends it at that moment, nothing is at fault here. */
function onFault(fault: unknown): void {
  if (isUnavailable(fault)) console.error(`A connection to the database was lost (${codeOf(fault)}).`)
  else void fail(fault)
}

async function fail(error: unknown): Promise<never> {
  console.error(isStartFailure(error) ? error.message : printable(error))
  if (failing) process.exit(1)
  failing = true
  await Promise.race([stop().catch(() => undefined), pause(failMsMax)])
  process.exit(1)
}

/** The first signal asks to stop with grace, one that comes later asks not to wait for that. */
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
  // Without a database some of it cannot say goodbye, and need not.
  const faults = failures.filter((failure) => !isUnavailable(failure))
  for (const each of faults) console.error(printable(each))
  if (faults.length > 0) throw new Error('not everything could be closed')
}

function reportTimeout(): void {
  console.error('Not everything in progress was finished within STOP_GRACE_SECONDS; the rest was cut off.')
}
