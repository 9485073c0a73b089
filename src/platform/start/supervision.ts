/** Restarts a process that exits unexpectedly: the embedded PostgreSQL, or one of several processes of the service. */
import { setTimeout as pause } from 'node:timers/promises'
import { startFailure } from '../failures.ts'

export type End = { exitCode: number | null; signal: NodeJS.Signals | null }
/** A process that runs. */
export type Running = { ended: Promise<End>; stop(): Promise<void> }

export type Supervision = {
  /** What happened, in one line for the log. */
  tell(line: string): void
  /** Called once, with a start failure: it failed too often in a row. */
  giveUp(failure: Error): void
  /** After so long a run, the next failure counts as the first again. */
  steadySeconds?: number
}

export type Supervised<Process extends Running> = {
  /** What it is called in sentences for the operator, with a capital letter. */
  name: string
  /** Starts a process after the previous one exited. */
  start(signal: AbortSignal): Promise<Process>
  /** Why the last start failed, for the person at the terminal. */
  lastWords(): Promise<string>
}

export const attemptsMax = 5
/** The delay after the second attempt; it doubles each time. The first attempt is made at once. */
const firstPauseMs = 500

/** Returns a function that stops it for good, in any state. */
export function supervise<Process extends Running>(
  first: Process,
  { name, start, lastWords }: Supervised<Process>,
  { tell, giveUp, steadySeconds = 60 }: Supervision,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let running = first
  const watching = watch()

  async function watch(): Promise<void> {
    for (let attempts = 0; ;) {
      const startedAt = performance.now()
      const end = await running.ended
      if (stopping.signal.aborted) return
      tell(`${name} has ended (${described(end)}) and is started again.`)
      if (performance.now() - startedAt > steadySeconds * 1000) attempts = 0
      let next: Process | undefined
      let reason = `it ended within ${steadySeconds} seconds of each start`
      while (!next) {
        if (attempts === attemptsMax) return giveUp(failedTooOften(name, reason))
        if (!(await waitBefore(attempts))) return
        attempts += 1
        next = await attempt(attempts)
        if (stopping.signal.aborted) return next?.stop()
        if (!next) reason = `the last time it said: ${await lastWords()}`
      }
      running = next
    }
  }

  async function attempt(number: number): Promise<Process | undefined> {
    try {
      const next = await start(stopping.signal)
      tell(`${name} runs again.`)
      return next
    } catch {
      // The reason is in its log; the last lines are reported when it gives up.
      if (!stopping.signal.aborted)
        tell(`${name} could not be started again (attempt ${number} of ${attemptsMax}).`)
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
      await running.stop()
      await watching
    },
  }
}

const described = ({ exitCode, signal }: End): string => signal ?? `exit code ${exitCode}`

const failedTooOften = (name: string, reason: string): Error =>
  startFailure(`${name} failed ${attemptsMax} times in a row, so the service ends; ${reason}`)
