/** Restarts the embedded PostgreSQL when it exits unexpectedly. */
import { setTimeout as pause } from 'node:timers/promises'
import type { End, Server } from './server.ts'
import { startFailure } from '../failures.ts'

export type Supervision = {
  /** What happened, in one line for the log. */
  tell(line: string): void
  /** Called once, with a start failure: it failed too often in a row. */
  giveUp(failure: Error): void
  /** A server that ran so long was well: the next failure is the first again. */
  steadySeconds?: number
}

export type Supervised = {
  /** Starts a server in place of the one that ended. */
  start(signal: AbortSignal): Promise<Server>
  /** Why the last start failed, for the person at the terminal. */
  lastWords(): Promise<string>
}

export const attemptsMax = 5
/** After the second attempt; it doubles from one to the next. The first one is made at once. */
const firstPauseMs = 500

/** Returns how to stop it for good, whatever state it is in. */
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
      // Why is in its own log; the last of it is told when it is given up.
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
