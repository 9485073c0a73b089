import { and, eq, gt, inArray, sql } from 'drizzle-orm'
import { administeredBy, organisationsOf, type Caller, type LiveMandate } from '../platform/access.ts'
import type { ActionContext } from '../platform/actions/action-context.ts'
import { dateOf } from '../platform/clock.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { build, prepared } from '../platform/database/prepared.ts'
import { referenceTo, subquery, urlOf } from '../platform/database/references.ts'
import type { Reference } from '../platform/wire/common-schemas.ts'
import { mayAct, sealedOrganisationIds } from '../organisations/status/queries.ts'
import { organisations } from '../organisations/tables.ts'
import { mandates } from './mandates/tables.ts'
import { delegates } from './tables.ts'
import { openMandateStatuses } from './policy.ts'
import { idleBefore, isValid } from './tokens/queries.ts'
import { tokens } from './tokens/tables.ts'

/**
 * The mandates that are valid on the given date in organisations that may act. A mandate also counts for organisations
 * that were merged into its own, so that somebody can keep what they signed. It does not give `vouch` for them:
 * otherwise one coordination that received another would count as two. The status is compared as text, so that the
 * index of the exclusion constraint does not apply: PostgreSQL prefers it to mandates_by_delegate, and then reads ten
 * times the pages.
 */
const liveMandates = sql<LiveMandate[]>`(
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', m.id, 'organisationId', acted_for.id, 'organisationKind', o.kind, 'organisationStatus', o.status,
    'sealed', o.sealed_at is not null,
    'powers', case when o.sealed_at is not null then '[]' when acted_for.id = o.id then to_jsonb(m.powers)
      else to_jsonb(array_remove(m.powers, 'vouch')) end)), '[]')
  from ${mandates} m
  join ${organisations} o on o.id = m.organisation_id
  cross join lateral (select o.id union all select id from ${organisations} where merged_into_id = o.id) acted_for
  where m.delegate_id = ${tokens.delegateId} and m.status::text = 'active'
    and m.starts_on <= ${sql.placeholder('today')}::date
    and (m.ends_on is null or m.ends_on >= ${sql.placeholder('today')}::date)
    and ${mayAct(sql`o.status`)})`

/** A client acts for its organisation with the powers of its token, while the organisation may act. */
const clientMandates = sql<LiveMandate[]>`(
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', null, 'organisationId', o.id, 'organisationKind', o.kind, 'organisationStatus', o.status,
    'sealed', false, 'powers', to_jsonb(${tokens.powers}))), '[]')
  from ${organisations} o
  where o.id = ${tokens.organisationId} and o.sealed_at is null and ${mayAct(sql`o.status`)})`

const holderByHash = prepared(
  'holder_by_token_hash',
  build
    .select({
      id: tokens.id,
      kind: tokens.kind,
      delegateId: tokens.delegateId,
      organisationId: tokens.organisationId,
      scopes: tokens.scopes,
      elevatedUntil: tokens.elevatedUntil,
      usedOn: tokens.usedOn,
      mandates: sql<LiveMandate[]>`case ${tokens.kind} when 'delegate' then ${liveMandates}
        when 'client' then ${clientMandates} else '[]' end`,
      sealed: sealedOrganisationIds,
    })
    .from(tokens)
    .where(
      and(
        eq(tokens.hash, sql.placeholder('hash')),
        isValid(sql.placeholder('now'), sql.placeholder('idleBefore')),
      ),
    ),
)

/**
 * Finds the caller by the hash of a token. Read on every request, so that a revocation or recall applies immediately.
 */
export async function callerByTokenHash(db: Db, hash: Buffer, now: string): Promise<Caller | undefined> {
  const today = dateOf(now)
  const [holder] = await holderByHash(db, { hash, now, today, idleBefore: idleBefore(now) })
  if (!holder) return undefined
  const { id: tokenId, delegateId, organisationId, mandates: live, scopes } = holder
  const own = live.map((mandate) => mandate.organisationId)
  const sealedAway = holder.sealed.filter((id) => !own.includes(id))
  const bearer = { tokenId, sealedAway, isFirstToday: holder.usedOn < today }
  if (delegateId !== null) {
    const elevated = holder.elevatedUntil !== null && holder.elevatedUntil > now
    return { kind: 'delegate', ...bearer, delegateId, scopes, mandates: live, elevated }
  }
  if (organisationId === null) return { kind: 'operator', ...bearer }
  return { kind: 'client', ...bearer, organisationId, scopes, mandates: live }
}

const columns = {
  id: delegates.id,
  version: delegates.version,
  createdAt: delegates.createdAt,
  updatedAt: delegates.updatedAt,
  url: urlOf('delegates', delegates.id),
  displayName: delegates.displayName,
  pseudonym: delegates.pseudonym,
  languages: delegates.languages,
  erasedAt: delegates.erasedAt,
  organisationId: delegates.organisationId,
  organisation: subquery(
    sql<Reference | null>`select ${referenceTo('organisations', organisations.id, organisations.name)}
      from ${organisations} where ${organisations.id} = ${delegates.organisationId} and ${organisations.sealedAt} is null`,
  ),
}

/**
 * Lists the delegates that the caller may see: themselves, those who hold or claim a mandate in the caller's
 * organisations, and, for administrators, all delegates that the organisation added.
 */
export async function visibleDelegates(
  db: Db,
  context: ActionContext,
  filters: {
    id?: string
    ids?: readonly string[]
    after?: string | undefined
    organisationId?: string | undefined
    limit: number
  },
) {
  const own = organisationsOf(context.caller)
  const administered = administeredBy(context.caller)
  // Joined by `union`: with `or`, PostgreSQL would scan all delegates.
  const visible = [
    context.caller.kind === 'delegate' ? sql`select ${context.caller.delegateId}::uuid` : undefined,
    administered.length > 0
      ? sql`select id from ${delegates} where ${inArray(delegates.organisationId, administered)}`
      : undefined,
    own.length > 0
      ? sql`select delegate_id from ${mandates}
          where ${inArray(mandates.organisationId, own)} and ${inArray(mandates.status, [...openMandateStatuses])}`
      : undefined,
  ].filter((way) => way !== undefined)
  return db
    .select(columns)
    .from(delegates)
    .where(
      and(
        visible.length > 0 ? sql`${delegates.id} in (${sql.join(visible, sql` union `)})` : sql`false`,
        filters.id === undefined ? undefined : eq(delegates.id, filters.id),
        filters.ids && inArray(delegates.id, [...filters.ids]),
        filters.organisationId === undefined
          ? undefined
          : eq(delegates.organisationId, filters.organisationId),
        filters.after === undefined ? undefined : gt(delegates.id, filters.after),
      ),
    )
    .orderBy(delegates.id)
    .limit(filters.limit)
}

/** References to those of these delegates that the caller may see. */
export async function delegateReferences(
  db: Db,
  context: ActionContext,
  ids: readonly string[],
): Promise<Reference[]> {
  const rows = await visibleDelegates(db, context, { ids, limit: ids.length })
  return rows.map(({ id, displayName, url }) => ({ id, name: displayName, url }))
}

export type DelegateRow = Awaited<ReturnType<typeof visibleDelegates>>[number]

/**
 * Takes the lock of a foreign key on the delegate: it excludes an erasure, but not a change of the name. Call it before
 * you give the delegate something, in the lock order of an erasure. For an erased person the database refuses the
 * write (`delegates_erased`).
 */
export async function lockDelegateShared(tx: Tx, id: string) {
  const [row] = await tx
    .select({ organisationId: delegates.organisationId, erasedAt: delegates.erasedAt })
    .from(delegates)
    .where(eq(delegates.id, id))
    .for('key share')
  return row
}

export async function lockDelegate(tx: Tx, id: string) {
  const [row] = await tx.select().from(delegates).where(eq(delegates.id, id)).for('update')
  return row
}

/** Finds the organisation that added a delegate. */
export async function organisationIdOf(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ organisationId: delegates.organisationId })
    .from(delegates)
    .where(eq(delegates.id, id))
  return row?.organisationId
}
