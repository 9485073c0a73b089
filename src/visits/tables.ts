import { sql, type SQL } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../platform/database/columns.ts'
import { statesOf } from '../platform/lifecycle/lifecycle.ts'
import { pactParties } from '../pacts/tables.ts'
import { sides, visitLifecycle, visitModes, type Side } from './lifecycle.ts'
import { spanDaysMax, windowsMax, type Window } from './windows.ts'

export const visitStatus = pgEnum('visit_status', statesOf(visitLifecycle))
export const visitMode = pgEnum('visit_mode', visitModes)
export const visitSide = pgEnum('visit_side', sides)

export type Needs = {
  interpreterLanguages: string[]
  visa: boolean
  lodging: boolean
  accessibility: string | null
}

const both = sql.raw(`array['${sides.join("','")}']`)
const eachSideOnce = (spoken: AnyPgColumn): SQL =>
  sql`${spoken} <@ ${both} and (cardinality(${spoken}) < 2 or (cardinality(${spoken}) = 2 and ${spoken} @> ${both}))`

export const visits = pgTable(
  'visits',
  {
    ...resourceColumns,
    status: visitStatus().notNull(),
    pactId: uuid().notNull(),
    hostId: uuid().notNull(),
    visitorId: uuid().notNull(),
    /** Triggers keep the names and the title as they are now, so that a list joins nothing for them: see functions.sql. */
    hostName: text().notNull().default(''),
    visitorName: text().notNull().default(''),
    pactTitle: text().notNull().default(''),
    /** The side whose windows stand; the other one chooses. */
    offeredBy: visitSide().notNull(),
    purpose: text().notNull(),
    mode: visitMode().notNull(),
    place: text(),
    country: text(),
    /** The zone of the host, in which all local times are meant. */
    timeZone: text().notNull(),
    /** The release of the zone rules by which the instants below were computed; empty before that was kept. */
    zoneDataVersion: text().notNull().default(''),
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
    /** The visit that this one answers: of the same pact, in the other direction. */
    returnsVisitId: uuid(),
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
    foreignKey({
      name: 'visits_returns_the_other_direction',
      columns: [t.returnsVisitId, t.pactId, t.visitorId, t.hostId],
      foreignColumns: [t.id, t.pactId, t.hostId, t.visitorId],
    }),
    // What a return points at.
    unique('visits_with_direction').on(t.id, t.pactId, t.hostId, t.visitorId),
    check('visits_third_country', sql`${t.mode} <> 'third_country' or ${t.country} is not null`),
    check('visits_two_organisations', sql`${t.hostId} <> ${t.visitorId}`),
    check('visits_country', sql`${t.country} ~ '^[A-Z]{2}$'`),
    check('visits_window_is_whole', sql`num_nulls(${t.windowId}, ${t.startsAt}, ${t.endsAt}) in (0, 3)`),
    check('visits_window_ends_after_start', sql`${t.endsAt} > ${t.startsAt}`),
    check(
      'visits_window_is_chosen',
      sql`${t.status} = 'cancelled' or (${t.windowId} is null) = (${t.status} in ('proposed', 'rescheduling', 'declined'))`,
    ),
    check(
      'visits_windows',
      sql`jsonb_typeof(${t.windows}) = 'array' and jsonb_array_length(${t.windows}) between 1 and ${sql.raw(`${windowsMax}`)}`,
    ),
    check(
      'visits_window_was_offered',
      sql`${t.windowId} is null or ${t.windows} @> jsonb_build_array(jsonb_build_object('id', ${t.windowId}))`,
    ),
    check(
      'visits_span_is_the_window',
      sql`${t.spanStartsAt} = ${t.startsAt} and ${t.spanEndsAt} = ${t.endsAt}`,
    ),
    check('visits_span', sql`${t.spanEndsAt} > ${t.spanStartsAt}`),
    check(
      'visits_span_is_short',
      sql`${t.spanEndsAt} - ${t.spanStartsAt} <= interval '${sql.raw(`${spanDaysMax} days`)}'`,
    ),
    check('visits_confirmed_by', eachSideOnce(t.confirmedBy)),
    check(
      'visits_confirmed_by_both',
      sql`case when ${t.status} = 'cancelled' then true when ${t.status} = 'accepted' then cardinality(${t.confirmedBy}) < 2
        else cardinality(${t.confirmedBy}) = case when ${t.status} in ('proposed', 'rescheduling', 'declined') then 0 else 2 end end`,
    ),
    check('visits_reported_by', eachSideOnce(t.reportedBy)),
    check(
      'visits_reported_by_both',
      sql`cardinality(${t.reportedBy}) = 0 and ${t.status} <> 'reported'
        or cardinality(${t.reportedBy}) = 1 and ${t.status} = 'completed'
        or cardinality(${t.reportedBy}) = 2 and ${t.status} = 'reported'`,
    ),
    // In the order of the lists; the end comes last, so that what was over before is skipped within the index.
    index('visits_by_host').on(t.hostId, t.spanStartsAt, t.id, t.spanEndsAt),
    index('visits_by_visitor').on(t.visitorId, t.spanStartsAt, t.id, t.spanEndsAt),
    index('visits_by_pact').on(t.pactId, t.spanStartsAt, t.id, t.spanEndsAt),
    // A visit has one return visit at most; a declined or cancelled one does not count.
    uniqueIndex('visits_returned_once')
      .on(t.returnsVisitId)
      .where(sql`returns_visit_id is not null and status not in ('declined', 'cancelled')`),
    index('visits_to_retime')
      .on(t.zoneDataVersion, t.id)
      .where(sql`status in ('proposed', 'accepted', 'confirmed', 'rescheduling', 'in_progress')`),
    index('visits_to_start')
      .on(t.startsAt)
      .where(sql`status = 'confirmed'`),
    index('visits_to_complete')
      .on(t.endsAt)
      .where(sql`status = 'in_progress'`),
  ],
)
