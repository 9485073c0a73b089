/**
 * Several processes that answer on one port (node:cluster), and the supervisor that starts them, restarts those that end,
 * and stops them. The supervisor answers no request itself.
 */
import cluster, { type Worker } from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'
import { alreadyReported } from '../failures.ts'
import { openChannel, type Channel } from './channel.ts'
import { supervise, type End, type Running, type Supervision } from './supervision.ts'

/** What a process is told when it starts. */
export type Assignment = {
  /** Whether it runs the jobs. One process does. */
  readonly runsJobs: boolean
  /** The databases by their owner, in an embedded PostgreSQL, for the process that prepares them. */
  readonly owned?: Databases | undefined
  /** What the first process prepared. Undefined: this is the first one. */
  readonly prepared?: Prepared | undefined
}

export type Databases = { readonly url: string; readonly keysUrl: string }
/** The addresses of the embedded databases for the service; none when they are given by settings. */
export type Prepared = { readonly databases?: Databases | undefined }

type Process = Running & { channel: Channel; listens: boolean }

export type ProcessesOptions = {
  count: number
  owned: Databases | undefined
  supervision: Supervision
  /** Answers other questions of the processes. */
  answer(question: string, content: unknown): unknown
}

/** How long the others may take to say whether they can work. */
const readyMsMax = 2_000

export function openProcesses({ count, owned, supervision, answer }: ProcessesOptions) {
  const running = new Set<Process>()
  const stopping = new AbortController()
  const supervised: { stop(): Promise<void> }[] = []
  let prepared: Prepared | undefined

  /** Resolves when it listens. */
  async function launch(place: number, signal = stopping.signal): Promise<Process> {
    const worker = cluster.fork()
    const ended = endOf(worker)
    const listening = Promise.withResolvers<void>()
    const channel = openChannel(worker, (question, content) => {
      if (question === 'assignment') return { runsJobs: place === 0, owned, prepared } satisfies Assignment
      if (question === 'readiness of the others') return othersAreReady(process)
      if (question !== 'listening') return answer(question, content)
      prepared ??= content as Prepared
      process.listens = true
      return listening.resolve()
    })
    const process: Process = { channel, ended, listens: false, stop: () => stopped(worker, ended) }
    running.add(process)
    void ended.then(() => running.delete(process))
    const abandon = () => void process.stop().catch(() => undefined)
    signal.addEventListener('abort', abandon, { once: true })
    try {
      await Promise.race([listening.promise, ended.then(() => Promise.reject(alreadyReported()))])
      return process
    } finally {
      signal.removeEventListener('abort', abandon)
    }
  }

  async function othersAreReady(asker: Process): Promise<boolean> {
    const others = [...running].filter((other) => other !== asker && other.listens)
    const answers = await Promise.all(
      others.map(({ channel, ended }) =>
        Promise.race([
          channel.ask<boolean>('readiness').catch(() => false),
          // Connections do not lead to it any more.
          ended.then(() => true),
          pause(readyMsMax, false, { ref: false }),
        ]),
      ),
    )
    return answers.every(Boolean)
  }

  return {
    /** The first process alone: it prepares what all need, and says why when it cannot. Then the others. */
    start: async (): Promise<void> => {
      for (let place = 0; place < count && !stopping.signal.aborted; place++) {
        const first = await launch(place).catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error
        })
        if (!first) return
        const name = `Process ${place + 1} of ${count}`
        const start = (signal: AbortSignal) => launch(place, signal)
        const lastWords = async () => 'see the lines above'
        supervised.push(supervise(first, { name, start, lastWords }, supervision))
      }
    },
    stop: async (): Promise<void> => {
      stopping.abort()
      const ends = [...supervised, ...running].map((each) => each.stop())
      const failed = (await Promise.allSettled(ends)).some(({ status }) => status === 'rejected')
      if (failed) throw alreadyReported()
    },
  }
}

const endOf = (worker: Worker): Promise<End> =>
  new Promise((resolve) => {
    const killAtExit = () => worker.process.kill('SIGKILL')
    process.once('exit', killAtExit)
    worker.once('exit', (exitCode, signal) => {
      process.off('exit', killAtExit)
      resolve({ exitCode, signal: signal as NodeJS.Signals | null })
    })
  })

/** Throws when the process could not stop in order; it has said why. */
async function stopped(worker: Worker, ended: Promise<End>): Promise<void> {
  worker.process.kill('SIGTERM')
  const { exitCode, signal } = await ended
  // One that has just been started does not catch signals yet.
  if (exitCode !== 0 && signal !== 'SIGTERM') throw alreadyReported()
}
