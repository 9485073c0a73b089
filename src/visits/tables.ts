import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../platform/columns.ts'
import { statesOf } from '../platform/lifecycle.ts'
import { pactParties } from '../pacts/tables.ts'
import { sides, visitLifecycle, visitModes, type Side } from './lifecycle.ts'
import { spanDaysMax, type Window } from './windows.ts'

export const visitStatus = pgEnum('visit_status', statesOf(visitLifecycle))
export const visitMode = pgEnum('visit_mode', visitModes)
export const visitSide = pgEnum('visit_side', sides)

export type Needs = {
  interpreterLanguages: string[]
  visa: boolean
  lodging: boolean
  accessibility: string | null
}

const sidesOnly = sql.raw(`array['${sides.join("','")}']`)

export const visits = pgTable(
  'visits',
  {
    ...resourceColumns,
    status: visitStatus().notNull(),
    pactId: uuid().notNull(),
    hostId: uuid().notNull(),
    visitorId: uuid().notNull(),
    /** The side whose windows stand; the other one chooses. */
    offeredBy: visitSide().notNull(),
    purpose: text().notNull(),
    mode: visitMode().notNull(),
    place: text(),
    country: text(),
    /** The zone of the host, in which all local times are meant. */
    timeZone: text().notNull(),
    windows: jsonb().$type<Window[]>().notNull(),
    /** The window that was chosen, and its times; null while none is. */
    windowId: uuid(),
    startsAt: instant(),
    endsAt: instant(),
    /** From the start of the first window that is still possible to the end of the last, for lists by date. */
    spanStartsAt: instant().notNull(),
    spanEndsAt: instant().notNull(),
    /** Which sides have confirmed the chosen window. */
    confirmedBy: text().array().$type<Side[]>().notNull().default([]),
    reportedBy: text().array().$type<Side[]>().notNull().default([]),
    needs: jsonb().$type<Needs>().notNull(),
    returnsVisitId: uuid().references((): AnyPgColumn => visits.id),
  },
  (t) => [
    foreignKey({
      name: 'visits_host_is_party',
      columns: [t.pactId, t.hostId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    foreignKey({
      name: 'visits_visitor_is_party',
      columns: [t.pactId, t.visitorId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    check('visits_two_organisations', sql`${t.hostId} <> ${t.visitorId}`),
    check('visits_country', sql`${t.country} ~ '^[A-Z]{2}$'`),
    check('visits_window_is_whole', sql`num_nulls(${t.windowId}, ${t.startsAt}, ${t.endsAt}) in (0, 3)`),
    check('visits_window_ends_after_start', sql`${t.endsAt} > ${t.startsAt}`),
    check(
      'visits_window_is_chosen',
      sql`${t.windowId} is not null or ${t.status} in ('proposed', 'rescheduling', 'declined', 'cancelled')`,
    ),
    check('visits_span', sql`${t.spanEndsAt} > ${t.spanStartsAt}`),
    check(
      'visits_span_is_short',
      sql`${t.spanEndsAt} - ${t.spanStartsAt} <= interval '${sql.raw(`${spanDaysMax} days`)}'`,
    ),
    check('visits_confirmed_by', sql`${t.confirmedBy} <@ ${sidesOnly}`),
    check('visits_reported_by', sql`${t.reportedBy} <@ ${sidesOnly}`),
    // In the order of the lists; the end comes last, so that what was over before is skipped within the index.
    index('visits_by_host').on(t.hostId, t.spanStartsAt, t.id, t.spanEndsAt),
    index('visits_by_visitor').on(t.visitorId, t.spanStartsAt, t.id, t.spanEndsAt),
    index('visits_by_pact').on(t.pactId, t.spanStartsAt, t.id, t.spanEndsAt),
    index('visits_by_returned')
      .on(t.returnsVisitId)
      .where(sql`returns_visit_id is not null`),
    index('visits_to_start')
      .on(t.startsAt)
      .where(sql`status = 'confirmed'`),
    index('visits_to_complete')
      .on(t.endsAt)
      .where(sql`status = 'in_progress'`),
  ],
)
