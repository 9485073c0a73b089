import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgEnum, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant, instantRange, knownTo, resourceColumns } from '../../platform/database/columns.ts'
import { visitParticipants } from '../participants/tables.ts'

/** While a booking is one of these, the time is taken. */
export const liveBookingStatuses = ['held', 'confirmed'] as const
export type LiveBookingStatus = (typeof liveBookingStatuses)[number]

export const bookingStatus = pgEnum('booking_status', [...liveBookingStatuses, 'released'])

/**
 * A delegate's time. The migration excludes two live bookings of one delegate that overlap: nobody is in two places
 * at once.
 */
export const bookings = pgTable(
  'bookings',
  {
    ...resourceColumns,
    status: bookingStatus().notNull(),
    delegateId: uuid().notNull(),
    during: instantRange().notNull(),
    visitId: uuid().notNull(),
    participantId: uuid().notNull(),
    /** When a hold ends by itself; null once it is confirmed. */
    holdUntil: instant(),
    knownTo: knownTo(),
  },
  (t) => [
    // The time is that of the participant, for the visit in which they take part.
    foreignKey({
      name: 'bookings_of_participant',
      columns: [t.participantId, t.visitId, t.delegateId],
      foreignColumns: [visitParticipants.id, visitParticipants.visitId, visitParticipants.delegateId],
    }),
    // An empty or an endless range would slip through the exclusion, or exclude everything.
    check(
      'bookings_finite',
      sql`coalesce(isfinite(lower(${t.during})) and isfinite(upper(${t.during})), false)
        and lower_inc(${t.during}) and not upper_inc(${t.during})`,
    ),
    check('bookings_hold_ends', sql`(${t.status} = 'held') = (${t.holdUntil} is not null)`),
    uniqueIndex('bookings_one_live')
      .on(t.participantId)
      .where(sql`status in ('held', 'confirmed')`),
    index('bookings_by_visit').on(t.visitId),
    index('bookings_holds')
      .on(t.holdUntil)
      .where(sql`status = 'held'`),
  ],
)
