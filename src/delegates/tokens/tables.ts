import { sql } from 'drizzle-orm'
import { boolean, check, index, pgEnum, pgTable, text, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Power, Scope } from '../../platform/access.ts'
import { byteString, calendarDate, instant } from '../../platform/database/columns.ts'
import { organisations } from '../../organisations/tables.ts'
import { delegates } from '../tables.ts'

export const tokenKind = pgEnum('token_kind', ['delegate', 'client', 'operator'])

/** How a token was issued, so that people recognise the tokens in their list that are not their own. */
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

/** Opaque bearer tokens. Every request looks one up by the SHA-256 of its secret. */
export const tokens = pgTable(
  'tokens',
  {
    hash: byteString().primaryKey(),
    id: uuid().notNull().unique(),
    kind: tokenKind().notNull(),
    delegateId: uuid().references(() => delegates.id),
    organisationId: uuid().references(() => organisations.id),
    /** The delegate who issued an API client: it is revoked with that person's authority. */
    createdByDelegateId: uuid().references(() => delegates.id),
    /** The token that issued this one, or that created the link to oneself for it: this one is revoked with it. */
    parentId: uuid().references((): AnyPgColumn => tokens.id, { onDelete: 'set null' }),
    origin: tokenOrigin().notNull().default('minted'),
    /** Issued for a link that another person created, an administrator of the organisation. */
    byAdministrator: boolean().notNull().default(false),
    label: text().notNull(),
    scopes: text().array().$type<Scope[]>().notNull(),
    /** The powers of an API client. A delegate's powers come from their mandates. */
    powers: text()
      .array()
      .$type<Power[]>()
      .notNull()
      .default(sql`'{}'`),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    revokedAt: instant(),
    /** The last day of use, in UTC. No other trace of use is stored. */
    usedOn: calendarDate()
      .notNull()
      .default(sql`current_date`),
    /** Until when a code of the second factor elevates the token. */
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
    // Also for the job that deletes tokens.
    index('tokens_expiring').on(t.expiresAt),
    index('tokens_revoked')
      .on(t.revokedAt)
      .where(sql`revoked_at is not null and kind <> 'operator'`),
    index('tokens_idle')
      .on(t.usedOn)
      .where(sql`revoked_at is null`),
  ],
)

/** Who created a link. */
export const linkCreators = ['self', 'administrator', 'coordinators'] as const
export type LinkCreator = (typeof linkCreators)[number]

/** A one-time secret with which a delegate gets a token on their own device. */
export const enrolmentLinks = pgTable(
  'enrolment_links',
  {
    id: uuid().primaryKey(),
    hash: byteString().notNull().unique(),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    /** Null if two coordinators created it through a recovery. */
    createdByDelegateId: uuid().references(() => delegates.id),
    /** The token that created the link. While the link is unused, it is revoked with that token. */
    madeWithId: uuid().references(() => tokens.id, { onDelete: 'set null' }),
    /** The scopes of the token that created the link: nobody can pass on more than they have. */
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
    index('enrolment_links_expiring').on(t.expiresAt),
    index('enrolment_links_used')
      .on(t.usedAt)
      .where(sql`used_at is not null`),
    index('enrolment_links_revoked')
      .on(t.revokedAt)
      .where(sql`revoked_at is not null`),
  ],
)
