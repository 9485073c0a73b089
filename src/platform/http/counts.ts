/** Counts requests by caller and quota, in this process or in the supervisor of several. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'

export type Window = { quota: number; windowSeconds: number }
export type Policy = Window & { name: string; header: string }
export type Charge = { policy: Policy; who: string }
export type QuotaState = { policy: Policy; remaining: number; resetSeconds: number }

/** Where requests are counted, and the salt for what they are counted by. */
export type Counting = {
  /** Negative `remaining`: the quota is used up. A promise only where another process has to be asked. */
  take(charges: readonly Charge[]): readonly QuotaState[] | Promise<readonly QuotaState[]>
  salt: DailySalt
}

type Count = { taken: number; endsAt: number }
export type Grant = { granted: number; left: number; endsAt: number }

/** Counts per quota that are kept; beyond that, the oldest are dropped first. */
const countsMax = 100_000

/** For a process that runs alone. */
export function countAlone(clock: Clock): Counting {
  const { grant } = openCounts(clock)
  return {
    salt: openDailySalt(clock),
    take: (charges) =>
      charges.map(({ policy, who }) => stateAfter(policy, grant(policy.name, who, policy), clock)),
  }
}

export const stateAfter = (policy: Policy, { granted, left, endsAt }: Grant, clock: Clock): QuotaState => ({
  policy,
  remaining: granted > 0 ? left : -1,
  resetSeconds: Math.ceil((endsAt - clock().getTime()) / 1000),
})

/** Each window begins with the caller's first request, so that windows do not all end in the same second. */
export function openCounts(clock: Clock) {
  const all = openBoundedMaps<Count>()

  const current = (name: string, who: string, windowSeconds: number): Count => {
    const now = clock().getTime()
    const counts = all(name)
    const known = counts.get(who)
    if (known && known.endsAt > now) return known
    const fresh = { taken: 0, endsAt: now + windowSeconds * 1000 }
    counts.set(who, fresh)
    return fresh
  }
  return {
    /** Grants what the quota allows of `wanted` requests. */
    grant: (name: string, who: string, { quota, windowSeconds }: Window, wanted = 1): Grant => {
      const count = current(name, who, windowSeconds)
      const granted = Math.min(wanted, quota - count.taken)
      count.taken += granted
      return { granted, left: quota - count.taken, endsAt: count.endsAt }
    },
    left: (name: string, who: string, { quota, windowSeconds }: Window): number =>
      quota - current(name, who, windowSeconds).taken,
  }
}

/** One map per quota: a flood of addresses must not displace the counts of tokens. */
export function openBoundedMaps<Value>() {
  const all = new Map<string, { get(who: string): Value | undefined; set(who: string, value: Value): void }>()
  return (name: string) => {
    const known = all.get(name) ?? boundedMap<Value>()
    all.set(name, known)
    return known
  }
}

function boundedMap<Value>() {
  const values = new Map<string, Value>()
  return {
    get: (who: string) => values.get(who),
    set: (who: string, value: Value) => {
      // What is set again is the newest.
      values.delete(who)
      if (values.size >= countsMax) values.delete(values.keys().next().value as string)
      values.set(who, value)
    },
  }
}

/** `day`: days since 1970. */
export type SaltOfDay = { day: number; salt: Buffer }
export type DailySalt = () => SaltOfDay

const dayMs = 86_400_000

/**
 * The salt of today is a hash of yesterday's, which is dropped: several processes that began with the same salt agree
 * without asking each other, and today's salt does not lead back to yesterday's.
 */
export function openDailySalt(clock: Clock, first?: SaltOfDay): DailySalt {
  const today = () => Math.floor(clock().getTime() / dayMs)
  let current = first ?? { day: today(), salt: randomBytes(32) }
  return () => {
    for (const now = today(); current.day < now;)
      current = { day: current.day + 1, salt: createHash('sha256').update(current.salt).digest() }
    return current
  }
}
