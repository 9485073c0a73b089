import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Power, Scope } from '../../platform/access.ts'
import { byteString, instant } from '../../platform/columns.ts'
import { organisations } from '../../organisations/tables.ts'
import { delegates } from '../tables.ts'

export const tokenKind = pgEnum('token_kind', ['delegate', 'client', 'operator'])

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
    index('tokens_expiring').on(t.expiresAt),
  ],
)

/** A one-time secret by which a delegate, on their own device, takes a token. */
export const enrolmentLinks = pgTable(
  'enrolment_links',
  {
    id: uuid().primaryKey(),
    hash: byteString().notNull().unique(),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    createdByDelegateId: uuid().references(() => delegates.id),
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
  (t) => [index('enrolment_links_by_delegate').on(t.delegateId)],
)
