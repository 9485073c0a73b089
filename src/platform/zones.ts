import { Temporal } from 'temporal-polyfill'

/**
 * What a local date and time means in a zone. A time that the clocks skip is `nonexistent`. One that they
 * show twice is `ambiguous` until it carries one of the offsets in `choices`. `malformed` is what is no date
 * and time at all, such as 30 February.
 */
export type InstantOutcome =
  | { ok: true; instant: string }
  | { ok: false; reason: 'malformed' | 'nonexistent' | 'wrong_offset' }
  | { ok: false; reason: 'ambiguous'; choices: [string, string] }

// Four-digit years that stay four-digit years in UTC; seconds in an offset occur in zones of the past.
export const localDateTimePattern =
  /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d(:[0-5]\d)?(?<offset>[+-]\d\d:\d\d(:\d\d)?)?$/

/**
 * The UTC instant (RFC 3339) of a local date and time such as `2020-10-23T09:00`, or `2020-10-25T02:30+01:00`
 * to say which of two is meant. The zone must be a name that `isZoneName` knows.
 */
export function instantOf(localDateTime: string, timeZone: string): InstantOutcome {
  const local = parseLocal(localDateTime)
  if (!local) return { ok: false, reason: 'malformed' }

  const meanings = meaningsOf(local.dateTime, timeZone)
  const [first, second] = meanings.filter(({ offset }) => !local.offset || offset === local.offset)
  if (!first) return { ok: false, reason: meanings.length ? 'wrong_offset' : 'nonexistent' }
  if (second) return { ok: false, reason: 'ambiguous', choices: [spell(first), spell(second)] }
  return { ok: true, instant: first.toInstant().toString({ smallestUnit: 'second' }) }
}

/**
 * The local date and time of an instant with its offset, such as `2020-10-23T09:00+02:00`: what `instantOf`
 * turns back into the same instant, also in the hour that the clocks show twice. Fractions of a second are
 * cut off.
 */
export function localOf(instant: string, timeZone: string): string {
  return spell(inZone(instant, timeZone))
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

type Local = { dateTime: Temporal.PlainDateTime; offset: string | undefined }

function parseLocal(text: string): Local | undefined {
  const match = localDateTimePattern.exec(text)
  if (!match) return undefined
  try {
    return { dateTime: Temporal.PlainDateTime.from(text), offset: match.groups?.['offset'] }
  } catch {
    return undefined
  }
}

// In a gap, Temporal moves the clock: then neither answer shows the time that was asked for.
function meaningsOf(dateTime: Temporal.PlainDateTime, timeZone: string): Temporal.ZonedDateTime[] {
  const earlier = dateTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = dateTime.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (!earlier.toPlainDateTime().equals(dateTime)) return []
  return earlier.equals(later) ? [earlier] : [earlier, later]
}

function inZone(instant: string, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone)
}

function spell(moment: Temporal.ZonedDateTime): string {
  const smallestUnit = moment.second === 0 ? 'minute' : 'second'
  return moment.toPlainDateTime().toString({ smallestUnit, roundingMode: 'trunc' }) + moment.offset
}
