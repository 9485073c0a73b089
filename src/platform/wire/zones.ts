import { Temporal } from 'temporal-polyfill'

/**
 * The instant of a local date and time in a zone, or why there is none. `nonexistent`: the clocks skip it. `ambiguous`: the
 * clocks show it twice, and one of the offsets in `choices` must be added. `malformed`: not a date and time, such as 30 February.
 */
export type InstantOutcome =
  | { ok: true; instant: string }
  | { ok: false; reason: 'malformed' | 'nonexistent' | 'wrong_offset' }
  | { ok: false; reason: 'ambiguous'; choices: [string, string] }

// Years stay four-digit in UTC. Offsets with seconds occurred in the past. The contract shows this pattern, so it has no
// named group: Python and RE2 write those differently.
export const localDateTimePattern =
  /^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-5][0-9])?([+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?$/

/** The UTC offsets of all zones over time. Passed as an argument, because governments change them and tests use others. */
export type ZoneRules = {
  /** The release of the IANA data, such as `2025b`. Releases sort as text. */
  readonly version: string
  /** In seconds; `epochMs` is an instant in milliseconds since 1970. */
  offsetAt(epochMs: number, timeZone: string): number
}

/** The rules of this Node version. */
export const zoneRules: ZoneRules = {
  version: process.versions['tz'] ?? '',
  offsetAt: (epochMs, timeZone) =>
    Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e9,
}

/**
 * Converts a local date and time such as `2020-10-23T09:00` to a UTC instant (RFC 3339). An offset, as in
 * `2020-10-25T02:30+01:00`, chooses one of two instants. The zone must pass `isZoneName`.
 */
export function instantOf(localDateTime: string, timeZone: string, rules = zoneRules): InstantOutcome {
  const local = parseLocal(localDateTime)
  if (!local) return { ok: false, reason: 'malformed' }

  const meanings = meaningsOf(local.wallMs, timeZone, rules)
  const [first, second] = meanings.filter(({ offset }) => !local.offset || spelled(offset) === local.offset)
  if (!first) return { ok: false, reason: meanings.length ? 'wrong_offset' : 'nonexistent' }
  if (second) return { ok: false, reason: 'ambiguous', choices: [spell(first), spell(second)] }
  return { ok: true, instant: rfc3339(first.epochMs) }
}

/** How often the clocks show a local time on that day. */
export type LocalTimeOccurrence = 'once' | 'twice' | 'skipped'

/**
 * Converts an agreed local time to an instant, by rules that may have changed since. A time that is now shown twice: the one
 * with the agreed offset, else the earlier one. A time that is now skipped: the offset before the gap, as in RFC 5545.
 * `agreed` is an output of `localOf`.
 */
export function agreedInstantOf(
  agreed: string,
  timeZone: string,
  rules: ZoneRules,
): { instant: string; reading: LocalTimeOccurrence } {
  const local = parseLocal(agreed)
  if (!local) throw new Error('no local date and time was agreed')
  const meanings = meaningsOf(local.wallMs, timeZone, rules)
  const meant = meanings.find(({ offset }) => spelled(offset) === local.offset) ?? meanings[0]
  const { epochMs } = meant ?? skippedMoment(local.wallMs, timeZone, rules)
  const reading = meanings.length === 0 ? 'skipped' : meanings.length === 1 ? 'once' : 'twice'
  return { instant: new Date(epochMs).toISOString(), reading }
}

/**
 * The local date and time of an instant with its offset, such as `2020-10-23T09:00+02:00`: what `instantOf`
 * turns back into the same instant, also in the hour that the clocks show twice. Fractions of a second are
 * cut off.
 */
export function localOf(instant: string, timeZone: string, rules = zoneRules): string {
  const epochMs = wholeSeconds(instant)
  return spell({ epochMs, offset: rules.offsetAt(epochMs, timeZone) })
}

/**
 * The instant so many days later on the calendar of the zone, at the same time on the wall: a day in which the clocks change
 * has 23 or 25 hours. Of a time that the clocks show twice that day, the later one; one that they skip is read with the
 * offset from before, as RFC 5545 does.
 */
export function calendarDaysAfter(
  instant: string,
  days: number,
  timeZone: string,
  rules = zoneRules,
): string {
  const epochMs = Date.parse(instant)
  const wallMs = epochMs + rules.offsetAt(epochMs, timeZone) * 1000 + days * dayMs
  const moment = meaningsOf(wallMs, timeZone, rules).at(-1) ?? skippedMoment(wallMs, timeZone, rules)
  return new Date(moment.epochMs).toISOString()
}

/** The calendar date in the zone at that instant, such as `2020-10-23`. */
export function dateIn(instant: string, timeZone: string): string {
  return inZone(instant, timeZone).toPlainDate().toString()
}

const places = 'Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific'
const zoneNamePattern = new RegExp(`^(UTC$|(${places})/[A-Z])`)

/**
 * Whether this is UTC, or the IANA name of a place's zone as IANA spells it; names that a place had before, such as
 * Europe/Kiev, are its names too. Nothing else is a place: `EST` and `Etc/GMT+3` are offsets that never change their
 * clocks (and the sign of the latter means its opposite), `CET` and `US/Pacific` are left from another age.
 */
export function isZoneName(name: string): boolean {
  if (!zoneNamePattern.test(name)) return false
  try {
    // Intl lists no old names and forgives capitals; Temporal keeps the name and mends only its capitals.
    return inZone('2020-01-01T00:00Z', name).timeZoneId === name
  } catch {
    return false
  }
}

type Local = { wallMs: number; offset: string | undefined }

/** `wallMs`: what the wall shows, counted as if it were UTC. */
function parseLocal(text: string): Local | undefined {
  const match = localDateTimePattern.exec(text)
  if (!match) return undefined
  try {
    const wall = Temporal.PlainDateTime.from(text)
    return { wallMs: wall.toZonedDateTime('UTC').epochMilliseconds, offset: match[1] }
  } catch {
    return undefined
  }
}

type Moment = { epochMs: number; offset: number }

const dayMs = 86_400_000

/** When the wall shows that: once, never in a gap, twice in a fold, the earlier one first. */
function meaningsOf(wallMs: number, timeZone: string, rules: ZoneRules): Moment[] {
  const around = [rules.offsetAt(wallMs - dayMs, timeZone), rules.offsetAt(wallMs + dayMs, timeZone)]
  return [...new Set(around)]
    .map((offset) => ({ epochMs: wallMs - offset * 1000, offset }))
    .filter(({ epochMs, offset }) => rules.offsetAt(epochMs, timeZone) === offset)
    .sort((one, other) => one.epochMs - other.epochMs)
}

/** In a gap: when the wall would have shown that, had the clocks not been put forward. */
function skippedMoment(wallMs: number, timeZone: string, rules: ZoneRules): Moment {
  const epochMs = wallMs - rules.offsetAt(wallMs - dayMs, timeZone) * 1000
  return { epochMs, offset: rules.offsetAt(epochMs, timeZone) }
}

const inZone = (instant: string, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone)

const wholeSeconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000) * 1000

const rfc3339 = (epochMs: number): string => new Date(epochMs).toISOString().replace('.000Z', 'Z')

function spell({ epochMs, offset }: Moment): string {
  const wall = new Date(epochMs + offset * 1000).toISOString()
  return wall.slice(0, wall.slice(17, 19) === '00' ? 16 : 19) + spelled(offset)
}

/** As RFC 3339 writes it; zones of the past had seconds. */
function spelled(offset: number): string {
  const clock = new Date(Math.abs(offset) * 1000).toISOString()
  return (offset < 0 ? '-' : '+') + clock.slice(11, clock.slice(17, 19) === '00' ? 16 : 19)
}
