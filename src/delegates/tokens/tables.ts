import { sql } from 'drizzle-orm'
import { boolean, check, index, pgEnum, pgTable, text, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Power, Scope } from '../../platform/access.ts'
import { byteString, calendarDate, instant } from '../../platform/database/columns.ts'
import { organisations } from '../../organisations/tables.ts'
import { delegates } from '../tables.ts'

export const tokenKind = pgEnum('token_kind', ['delegate', 'client', 'operator'])

/** How a token came about: so that somebody who reads the list of their own knows which they did not take themselves. */
export const tokenOrigins = [
  'registration',
  'claim',
  'enrolment',
  'minted',
  'identity_provider',
  'recovery',
] as const
export type TokenOrigin = (typeof tokenOrigins)[number]
export const tokenOrigin = pgEnum('token_origin', tokenOrigins)

/** Opaque bearer tokens, found by the SHA-256 of the secret on every request. */
export const tokens = pgTable(
  'tokens',
  {
    hash: byteString().primaryKey(),
    id: uuid().notNull().unique(),
    kind: tokenKind().notNull(),
    delegateId: uuid().references(() => delegates.id),
    organisationId: uuid().references(() => organisations.id),
    /** Whose mandate an API client stands on: it ends with the authority of who minted it. */
    createdByDelegateId: uuid().references(() => delegates.id),
    /** The token with which it was minted, or whose link to oneself it was taken by: it is revoked with that one. */
    parentId: uuid().references((): AnyPgColumn => tokens.id, { onDelete: 'set null' }),
    origin: tokenOrigin().notNull().default('minted'),
    /** Taken by a link that somebody else made, who administers the organisation. */
    byAdministrator: boolean().notNull().default(false),
    label: text().notNull(),
    scopes: text().array().$type<Scope[]>().notNull(),
    /** What an API client may do for its organisation; a delegate's powers come from their mandates. */
    powers: text()
      .array()
      .$type<Power[]>()
      .notNull()
      .default(sql`'{}'`),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    revokedAt: instant(),
    /** The last day on which it was used, in UTC. Nothing else is kept of what somebody does with it. */
    usedOn: calendarDate()
      .notNull()
      .default(sql`current_date`),
    /** Until when a code of the second factor opens what is private. */
    elevatedUntil: instant(),
  },
  (t) => [
    check(
      'tokens_holder',
      sql`(${t.kind} = 'delegate') = (${t.delegateId} is not null) and (${t.kind} = 'client') = (${t.organisationId} is not null)`,
    ),
    check('tokens_powers', sql`${t.powers} <@ array['administer', 'negotiate', 'visit']`),
    index('tokens_by_delegate').on(t.delegateId),
    index('tokens_by_organisation').on(t.organisationId),
    index('tokens_by_parent').on(t.parentId),
    index('tokens_expiring').on(t.expiresAt),
    index('tokens_idle')
      .on(t.usedOn)
      .where(sql`revoked_at is null`),
  ],
)

/** By whose wish a link is there. */
export const linkCreators = ['self', 'administrator', 'coordinators'] as const
export type LinkCreator = (typeof linkCreators)[number]

/** A one-time secret by which a delegate, on their own device, takes a token. */
export const enrolmentLinks = pgTable(
  'enrolment_links',
  {
    id: uuid().primaryKey(),
    hash: byteString().notNull().unique(),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    /** Nobody, if two coordinators made it by a recovery. */
    createdByDelegateId: uuid().references(() => delegates.id),
    /** The token with which it was made, and with which it is revoked while it is unused. */
    madeWithId: uuid().references(() => tokens.id, { onDelete: 'set null' }),
    /** Those of the token that made the link: nobody gives more than they hold. */
    scopes: text()
      .array()
      .$type<Scope[]>()
      .notNull()
      .default(sql`'{}'`),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    usedAt: instant(),
    revokedAt: instant(),
  },
  (t) => [
    index('enrolment_links_by_delegate').on(t.delegateId),
    index('enrolment_links_made_with').on(t.madeWithId),
  ],
)
