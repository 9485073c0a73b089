/** Windows when the rules of their zone have changed: local times stay, and their instants are computed again. Pure. */
import { agreedInstantOf, localOf, type LocalTimeOccurrence, type ZoneRules } from '../platform/wire/zones.ts'
import type { Window } from './windows.ts'

/** How one end of a window changed. It tells no time: the ledger keeps it for ever, and nobody may read there when a visit is. */
export type RetimedEnd = {
  shiftSeconds: number
  /** How often the clocks show, by the new rules, what was agreed. */
  reading: LocalTimeOccurrence
}

export type RetimedWindow = { windowId: string; start: RetimedEnd; end: RetimedEnd }

/** One end of a window: its instants, and what the clock on the wall shows at them. */
type WindowEnd = {
  before: string
  after: string
  localBefore: string
  localAfter: string
  reading: LocalTimeOccurrence
}

/** All windows as they are by these rules, and those that changed. What has passed at `now` stays what it was. */
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
  // Without them, what is shown is what was agreed: nothing but this here shows anything else, and it keeps them.
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

  /** Where the clocks skip nearly all of a short window, its end would not lie after its start: it keeps its length. */
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
