import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant, knownTo, resourceColumns } from '../../platform/database/columns.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { delegates } from '../../delegates/tables.ts'
import { visits, visitSide } from '../tables.ts'
import { participantLifecycle } from './lifecycle.ts'

export const participantStatus = pgEnum('participant_status', statesOf(participantLifecycle))

export const visitParticipants = pgTable(
  'visit_participants',
  {
    ...resourceColumns,
    status: participantStatus().notNull(),
    visitId: uuid()
      .notNull()
      .references(() => visits.id),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    /** The side that nominated this delegate and is responsible for them. */
    side: visitSide().notNull(),
    /** Until the person agrees, the other side does not learn who it is. */
    agreedAt: instant(),
    /** Since when the person shows who they are to those of the other side who show it too. */
    consentedAt: instant(),
    knownTo: knownTo(),
  },
  (t) => [
    check(
      'visit_participants_agreed',
      sql`${t.agreedAt} is not null or ${t.status} in ('nominated', 'withdrawn')`,
    ),
    // What a booking points at, so that it agrees with its participant in everything.
    unique('visit_participants_with_visit_and_delegate').on(t.id, t.visitId, t.delegateId),
    uniqueIndex('visit_participants_once')
      .on(t.visitId, t.delegateId)
      .where(sql`status <> 'withdrawn'`),
    index('visit_participants_by_visit').on(t.visitId, t.createdAt.desc(), t.id.desc()),
    index('visit_participants_by_delegate').on(t.delegateId),
  ],
)
