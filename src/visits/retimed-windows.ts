/** Computes windows after a change of zone rules: local times stay, and their instants are computed again. Pure. */
import { agreedInstantOf, localOf, type LocalTimeOccurrence, type ZoneRules } from '../platform/wire/zones.ts'
import type { Window } from './windows.ts'

/** The change of one end of a window. Contains no time, because the ledger keeps it for ever. */
export type RetimedEnd = {
  shiftSeconds: number
  /** How often the clocks show the agreed local time by the new rules. */
  reading: LocalTimeOccurrence
}

export type RetimedWindow = { windowId: string; start: RetimedEnd; end: RetimedEnd }

/** One end of a window before and after: instants and local times. */
type WindowEnd = {
  before: string
  after: string
  localBefore: string
  localAfter: string
  reading: LocalTimeOccurrence
}

/** Returns all windows by these rules, and the changes. Times before `now` do not change. */
export function retimeWindows(
  windows: readonly Window[],
  timeZone: string,
  rules: ZoneRules,
  now: string,
): { windows: Window[]; retimed: RetimedWindow[] } {
  const readEnd = windows.map((window) => retimeWindow(window, timeZone, rules, now))
  return {
    windows: readEnd.map(({ window }) => window),
    retimed: readEnd.flatMap(({ startsAt, endsAt, window }) =>
      [startsAt, endsAt].some(hasChanged)
        ? [{ windowId: window.id, start: changeOf(startsAt), end: changeOf(endsAt) }]
        : [],
    ),
  }
}

function retimeWindow(window: Window, timeZone: string, rules: ZoneRules, now: string) {
  const readEnd = (agreed: string, before: string, localBefore: string): WindowEnd => {
    if (before <= now) return { before, after: before, localBefore, localAfter: localBefore, reading: 'once' }
    const { instant, reading } = agreedInstantOf(agreed, timeZone, rules)
    return { before, after: instant, localBefore, localAfter: localOf(instant, timeZone, rules), reading }
  }
  // Without stored agreed times, the local times are the agreed ones.
  const { agreedStartsAt = window.startsAtLocal, agreedEndsAt = window.endsAtLocal } = window
  const startsAt = readEnd(agreedStartsAt, window.startsAt, window.startsAtLocal)
  const endsAt = laterThan(startsAt, readEnd(agreedEndsAt, window.endsAt, window.endsAtLocal))
  return {
    startsAt,
    endsAt,
    window: {
      ...window,
      agreedStartsAt,
      agreedEndsAt,
      startsAt: startsAt.after,
      endsAt: endsAt.after,
      startsAtLocal: startsAt.localAfter,
      endsAtLocal: endsAt.localAfter,
    },
  }

  /** If the clocks skip nearly all of a short window, its end would not be after its start. Then it keeps its length. */
  function laterThan(start: WindowEnd, end: WindowEnd): WindowEnd {
    if (end.after > start.after) return end
    const length = Date.parse(window.endsAt) - Date.parse(window.startsAt)
    const after = new Date(Date.parse(start.after) + length).toISOString()
    return { ...end, after, localAfter: localOf(after, timeZone, rules) }
  }
}

const hasChanged = ({ before, after, localBefore, localAfter }: WindowEnd): boolean =>
  before !== after || localBefore !== localAfter

const changeOf = ({ before, after, reading }: WindowEnd): RetimedEnd => ({
  shiftSeconds: (Date.parse(after) - Date.parse(before)) / 1000,
  reading,
})
