/** The process: read the settings, serve, and close with grace. A start that fails says why in one sentence. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import closeWithGrace from 'close-with-grace'
import './platform/quick-modules.ts'
import { readConfig } from './platform/config.ts'
import { isStartFailure } from './platform/failures.ts'

/** Most of a start is reading modules; compiled ones take a third less of it. Not kept where we may not write. */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/solidarity-pact', import.meta.url)))

const stopSignals = ['SIGINT', 'SIGTERM'] as const
/** npm passes Ctrl-C on, which the terminal has sent to all of us already: what follows at once is the same wish. */
const echoMsMax = 2000

const state = { stopping: false }
/** How to close what is open by now. What was opened last is closed first: the database outlives its users. */
const closers: (() => Promise<unknown>)[] = []

try {
  const config = readConfig()
  const delay = config.stopGraceSeconds * 1000
  const options = { delay, logger: false as const, onTimeout: tellOfTimeout, skip: [...stopSignals] }
  const { close } = closeWithGrace(options, ({ err }) => stop(err))
  onStopSignal(close)
  const { serve } = await import('./serve.ts')
  await serve(config, state, closers)
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  await stop()
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

async function stop(fault?: Error): Promise<void> {
  state.stopping = true
  if (fault) console.error(fault)
  for (const close of closers) await close()
}

function tellOfTimeout(): void {
  console.error('Not everything in progress was finished within STOP_GRACE_SECONDS; the rest was cut off.')
}
