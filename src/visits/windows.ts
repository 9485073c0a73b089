/** Converts the windows of a visit from local times in its time zone to instants. Pure. */
import { randomId } from '../platform/ids.ts'
import type { Fault } from '../platform/problems.ts'
import { calendarDaysAfter, instantOf, localOf, type InstantOutcome } from '../platform/wire/zones.ts'

export type AskedWindow = { startsAt: string; endsAt: string }

/**
 * People agree on a local time in the zone of the visit. Its UTC instant follows from the rules of the zone, and is stored with
 * the local time and offset at that instant: `2020-10-23T09:00+02:00`.
 */
export type Window = {
  id: string
  /** Absent in windows that an older version of the service wrote. */
  agreedStartsAt?: string
  agreedEndsAt?: string
  startsAt: string
  endsAt: string
  startsAtLocal: string
  endsAtLocal: string
}

/** The number of windows that can be offered at once. */
export const windowsMax = 5
/** The longest window, and the latest start from now, in calendar days of the time zone. */
const windowDaysMax = 60
const aheadDaysMax = 730
/**
 * The longest span of the windows of a visit, in days of 24 hours. One day more than the calendar days, because the clocks may
 * change, or a place may move across the date line.
 */
export const spanDaysMax = aheadDaysMax + windowDaysMax + 1

/** Parses all windows and collects all their faults. Windows may overlap, but must differ. `now` is RFC 3339. */
export function readWindows(
  asked: readonly AskedWindow[],
  timeZone: string,
  now: string,
): { windows: Window[]; faults: Fault[] } {
  const faults: Fault[] = []
  const windows: Window[] = []
  asked.forEach((window, position) => {
    const pointer = `/windows/${position}`
    const times = timesOf(window, timeZone)
    const found = faultsOf(times, timeZone, now)
    faults.push(...found.map(({ field, ...fault }) => ({ pointer: `${pointer}/${field}`, ...fault })))
    if (!times.startsAt.ok || !times.endsAt.ok) return
    const read = windowFrom(times.startsAt.instant, times.endsAt.instant, timeZone)
    if (windows.some((earlier) => areSame(earlier, read))) faults.push({ pointer, ...duplicate })
    windows.push(read)
  })
  return { windows, faults }
}

/** Returns the span from the first start to the last end. */
export function spanOf(windows: readonly Window[]): { spanStartsAt: string; spanEndsAt: string } {
  const starts = windows.map((window) => window.startsAt).sort()
  const ends = windows.map((window) => window.endsAt).sort()
  return { spanStartsAt: starts.at(0) ?? '', spanEndsAt: ends.at(-1) ?? '' }
}

const areSame = (one: Window, other: Window): boolean =>
  one.startsAt === other.startsAt && one.endsAt === other.endsAt

const duplicate = { code: 'duplicate', detail: 'is the same as an earlier window in this list' }

type Times = { startsAt: InstantOutcome; endsAt: InstantOutcome }
type WindowFault = { field: keyof Times; code: string; detail: string }

const timesOf = (window: AskedWindow, timeZone: string): Times => ({
  startsAt: instantOutcomeOf(window.startsAt, timeZone),
  endsAt: instantOutcomeOf(window.endsAt, timeZone),
})

/** With milliseconds, so that instants can be compared as text. */
function instantOutcomeOf(local: string, timeZone: string): InstantOutcome {
  const outcome = instantOf(local, timeZone)
  return outcome.ok ? { ok: true, instant: new Date(outcome.instant).toISOString() } : outcome
}

function faultsOf({ startsAt, endsAt }: Times, timeZone: string, now: string): WindowFault[] {
  const faults = [...faultOfTime('startsAt', startsAt), ...faultOfTime('endsAt', endsAt)]
  if (startsAt.ok && startsAt.instant <= now) {
    faults.push({ field: 'startsAt', code: 'in_the_past', detail: 'must be in the future' })
  }
  if (startsAt.ok && startsAt.instant > calendarDaysAfter(now, aheadDaysMax, timeZone)) {
    faults.push({
      field: 'startsAt',
      code: 'too_far_ahead',
      detail: `must be within ${aheadDaysMax} days from now, in the time zone of the visit`,
    })
  }
  if (startsAt.ok && endsAt.ok) {
    faults.push(...faultOfLength(startsAt.instant, endsAt.instant, timeZone))
  }
  return faults
}

function faultOfTime(field: keyof Times, outcome: InstantOutcome): WindowFault[] {
  if (outcome.ok) return []
  switch (outcome.reason) {
    case 'malformed':
      return [{ field, code: 'no_such_date', detail: 'contains a day or an hour that does not exist' }]
    case 'nonexistent':
      return [
        {
          field,
          code: 'nonexistent_local_time',
          detail: 'does not exist, because the clocks in this zone skip it on that day; send another time',
        },
      ]
    case 'wrong_offset':
      return [
        { field, code: 'wrong_offset', detail: 'has an offset that the zone does not have at that time' },
      ]
    case 'ambiguous':
      return [
        {
          field,
          code: 'ambiguous_local_time',
          detail: `occurs twice in this zone on that day; send ${outcome.choices.join(' or ')}`,
        },
      ]
  }
}

function faultOfLength(startsAt: string, endsAt: string, timeZone: string): WindowFault[] {
  if (endsAt <= startsAt) {
    return [{ field: 'endsAt', code: 'ends_before_it_starts', detail: 'must be after startsAt' }]
  }
  if (endsAt > calendarDaysAfter(startsAt, windowDaysMax, timeZone)) {
    const detail = `must be at most ${windowDaysMax} days after startsAt, in the time zone of the visit`
    return [{ field: 'endsAt', code: 'too_long', detail }]
  }
  return []
}

function windowFrom(startsAt: string, endsAt: string, timeZone: string): Window {
  const startsAtLocal = localOf(startsAt, timeZone)
  const endsAtLocal = localOf(endsAt, timeZone)
  return {
    id: randomId(),
    agreedStartsAt: startsAtLocal,
    agreedEndsAt: endsAtLocal,
    startsAt,
    endsAt,
    startsAtLocal,
    endsAtLocal,
  }
}
