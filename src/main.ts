/** The process: read the settings, serve, and close with grace. A start that fails says why in one sentence. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import closeWithGrace from 'close-with-grace'
import './platform/quick-modules.ts'
import { readConfig } from './platform/config.ts'
import { isStartFailure } from './platform/failures.ts'

/** Most of a start is reading modules; compiled ones take a third less of it. Not kept where we may not write. */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/solidarity-pact', import.meta.url)))

const state = { stopping: false }
/** How to close what is open by now. What was opened last is closed first: the database outlives its users. */
const closers: (() => Promise<unknown>)[] = []

try {
  const config = readConfig()
  const delay = config.stopGraceSeconds * 1000
  closeWithGrace({ delay, logger: false, onTimeout: tellOfTimeout }, ({ err }) => stop(err))
  const { serve } = await import('./serve.ts')
  await serve(config, state, closers)
} catch (error) {
  console.error(isStartFailure(error) ? error.message : error)
  await stop()
  process.exit(1)
}

async function stop(fault?: Error): Promise<void> {
  state.stopping = true
  if (fault) console.error(fault)
  for (const close of closers) await close()
}

function tellOfTimeout(): void {
  console.error('Not everything in progress was finished within STOP_GRACE_SECONDS; the rest was cut off.')
}
