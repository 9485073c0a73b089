/**
 * Counts for several processes in one place, their supervisor.
 *
 * Asking it costs a round trip between processes. So for the quotas of ordinary requests it hands out a share of what is
 * left, an eighth divided by the number of processes, and the process counts down by itself until the share is used up.
 * Together the processes never grant more than the quota. A client that changes between processes can get less: the rest
 * of a share stays in the process that it left, until the window ends.
 *
 * The quotas that protect people are asked one request at a time, and are exact.
 */
import type { Clock } from '../clock.ts'
import {
  openBoundedMaps,
  openCounts,
  openDailySalt,
  stateAfter,
  type Charge,
  type Counting,
  type Grant,
  type Policy,
  type QuotaState,
  type Window,
} from './counts.ts'

/** Asks the supervisor. */
type Ask = <Answer>(question: string, content?: unknown) => Promise<Answer>
/** Quota, caller, and how many requests are waiting. */
type Wanted = readonly [name: string, who: string, count: number]
/** What a process may still grant by itself, and what the supervisor had left when it was asked. */
type Share = Grant
type Waiting = { charge: Charge; takers: ((state: QuotaState) => void)[] }

const countsQuestion = 'counts'
const saltQuestion = 'salt of the day'
const shareOfRest = 8
const inShares: ReadonlySet<string> = new Set(['anonymous', 'token', 'organisation'])

type Options = { windows: Readonly<Record<string, Window>>; processes: number; clock: Clock }

/** The supervisor's side: answers the questions of `joinCounts`, and no others. */
export function countForAll({ windows, processes, clock }: Options) {
  const counts = openCounts(clock)
  const salt = openDailySalt(clock)
  const grant = ([name, who, count]: Wanted): Grant => {
    const window = windows[name]
    if (!window) throw new Error(`unknown quota: ${name}`)
    const share = inShares.has(name)
      ? Math.floor(counts.left(name, who, window) / (shareOfRest * processes))
      : 0
    return counts.grant(name, who, window, Math.max(count, share))
  }
  return (question: string, content: unknown): unknown => {
    if (question === countsQuestion) return (content as Wanted[]).map(grant)
    if (question !== saltQuestion) throw new Error(`unknown question: ${question}`)
    const today = salt()
    return { day: today.day, salt: today.salt.toString('base64') }
  }
}

/** The side of each process. */
export async function joinCounts(ask: Ask, clock: Clock): Promise<Counting> {
  const { day, salt } = await ask<{ day: number; salt: string }>(saltQuestion)
  const shares = openBoundedMaps<Share>()
  let batch: Map<string, Waiting> | undefined

  function fromShare({ policy, who }: Charge): QuotaState | undefined {
    const share = shares(policy.name).get(who)
    if (!share || share.endsAt <= clock().getTime()) return undefined
    if (share.granted > 0) return takeOne(policy, share)
    return share.left > 0 ? undefined : stateAfter(policy, share, clock)
  }

  function takeOne(policy: Policy, share: Share): QuotaState {
    share.granted -= 1
    return stateAfter(policy, { granted: 1, left: share.left + share.granted, endsAt: share.endsAt }, clock)
  }

  /** What is asked in one turn of the event loop leaves in one message. */
  function askFor(charge: Charge): Promise<QuotaState> {
    if (!batch) setImmediate(() => void send())
    batch ??= new Map()
    const key = `${charge.policy.name} ${charge.who}`
    const waiting = batch.get(key) ?? { charge, takers: [] }
    batch.set(key, waiting)
    return new Promise((resolve) => waiting.takers.push(resolve))
  }

  async function send(): Promise<void> {
    const asked = [...(batch ?? new Map<string, Waiting>()).values()]
    batch = undefined
    const wanted = asked.map(({ charge, takers }): Wanted => [charge.policy.name, charge.who, takers.length])
    const grants = await ask<Grant[]>(countsQuestion, wanted)
    asked.forEach(({ charge: { policy, who }, takers }, i) => {
      const share = merged(shares(policy.name).get(who), grants[i] as Grant)
      shares(policy.name).set(who, share)
      for (const take of takers)
        take(share.granted > 0 ? takeOne(policy, share) : stateAfter(policy, share, clock))
    })
  }

  return {
    salt: openDailySalt(clock, { day, salt: Buffer.from(salt, 'base64') }),
    take: (charges) => {
      const states = charges.map((charge) => fromShare(charge))
      if (states.every((state) => state !== undefined)) return states
      return Promise.all(charges.map(async (charge, i) => states[i] ?? askFor(charge)))
    },
  }
}

/** Two requests may have asked for the same caller before the first answer came. */
const merged = (before: Share | undefined, grant: Grant): Share =>
  before?.endsAt === grant.endsAt ? { ...grant, granted: grant.granted + before.granted } : { ...grant }
