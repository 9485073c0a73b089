/** What a process knows of the others, when it is one of several under a supervisor. */
import cluster from 'node:cluster'
import { openChannel, type Channel } from './channel.ts'
import type { Assignment, Prepared } from './processes.ts'

export type Membership = {
  readonly assignment: Assignment
  readonly ask: Channel['ask']
  /** Tells that this process listens, and what it prepared. */
  listens(prepared: Prepared): Promise<void>
  /** How this process tells the others whether it can work. */
  onReadiness(isReady: () => Promise<boolean>): void
  othersAreReady(): Promise<boolean>
}

/** Undefined for a process that runs alone. */
export async function joinSupervisor(): Promise<Membership | undefined> {
  if (!cluster.worker) return undefined
  let isReady = async () => false
  const { ask } = openChannel(cluster.worker, (question) =>
    question === 'readiness' ? isReady() : Promise.reject(new Error(`unknown question: ${question}`)),
  )
  return {
    assignment: await ask<Assignment>('assignment'),
    ask,
    listens: (prepared) => ask('listening', prepared),
    onReadiness: (ask) => void (isReady = ask),
    othersAreReady: () => ask('readiness of the others'),
  }
}
