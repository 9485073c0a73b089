/** Restarts the embedded PostgreSQL when it exits unexpectedly. */
import { setTimeout as pause } from 'node:timers/promises'
import type { End, Server } from './server.ts'
import { startFailure } from '../failures.ts'

export type Supervision = {
  /** What happened, in one line for the log. */
  tell(line: string): void
  /** Called once, with a start failure: it failed too often in a row. */
  giveUp(failure: Error): void
  /** After so long a run, the next failure counts as the first again. */
  steadySeconds?: number
}

export type Supervised = {
  /** Starts a server after the previous one exited. */
  start(signal: AbortSignal): Promise<Server>
  /** Why the last start failed, for the person at the terminal. */
  lastWords(): Promise<string>
}

export const attemptsMax = 5
/** The delay after the second attempt; it doubles each time. The first attempt is made at once. */
const firstPauseMs = 500

/** Returns a function that stops it for good, in any state. */
export function supervise(
  first: Server,
  { start, lastWords }: Supervised,
  { tell, giveUp, steadySeconds = 60 }: Supervision,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let server = first
  const watching = watch()

  async function watch(): Promise<void> {
    for (let attempts = 0; ;) {
      const startedAt = performance.now()
      const end = await server.ended
      if (stopping.signal.aborted) return
      tell(`The embedded PostgreSQL has ended (${described(end)}) and is started again.`)
      if (performance.now() - startedAt > steadySeconds * 1000) attempts = 0
      let next: Server | undefined
      let reason = `it ended within ${steadySeconds} seconds of each start`
      while (!next) {
        if (attempts === attemptsMax) return giveUp(failedTooOften(reason))
        if (!(await waitBefore(attempts))) return
        attempts += 1
        next = await attempt(attempts)
        if (stopping.signal.aborted) return next?.stop()
        if (!next) reason = `the last time it said: ${await lastWords()}`
      }
      server = next
    }
  }

  async function attempt(number: number): Promise<Server | undefined> {
    try {
      const next = await start(stopping.signal)
      tell('The embedded PostgreSQL runs again.')
      return next
    } catch {
      // The reason is in its log; the last lines are reported when it gives up.
      if (!stopping.signal.aborted)
        tell(`The embedded PostgreSQL could not be started again (attempt ${number} of ${attemptsMax}).`)
      return undefined
    }
  }

  /** False when it is no longer wanted. */
  async function waitBefore(attempts: number): Promise<boolean> {
    if (attempts === 0) return true
    const pauseMs = firstPauseMs * 2 ** (attempts - 1)
    await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    return !stopping.signal.aborted
  }

  return {
    stop: async () => {
      stopping.abort()
      await server.stop()
      await watching
    },
  }
}

const described = ({ exitCode, signal }: End): string => signal ?? `exit code ${exitCode}`

const failedTooOften = (reason: string): Error =>
  startFailure(`The embedded PostgreSQL failed ${attemptsMax} times in a row, so the service ends; ${reason}`)
