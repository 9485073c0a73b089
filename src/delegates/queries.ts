import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { administeredBy, organisationsOf, type Caller, type LiveMandate } from '../platform/access.ts'
import type { ActionContext } from '../platform/actions/action-context.ts'
import { dateOf } from '../platform/clock.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { build, prepared } from '../platform/database/prepared.ts'
import { referenceTo, subquery, urlOf } from '../platform/database/references.ts'
import type { Reference } from '../platform/wire/common-schemas.ts'
import { currentSealVersion, mayAct, sealedOrganisations } from '../organisations/status/queries.ts'
import { organisations } from '../organisations/tables.ts'
import { authorities, mandates } from './mandates/tables.ts'
import { delegates } from './tables.ts'
import { openMandateStatuses } from './policy.ts'
import { idleBefore, isValid } from './tokens/queries.ts'
import { tokens } from './tokens/tables.ts'

const holdersByHash = prepared(
  'holder_by_token_hash',
  build
    .select({
      id: tokens.id,
      delegateId: tokens.delegateId,
      organisationId: tokens.organisationId,
      scopes: tokens.scopes,
      elevatedUntil: tokens.elevatedUntil,
      usedOn: tokens.usedOn,
      mandateId: authorities.mandateId,
      actsForId: authorities.organisationId,
      organisationKind: authorities.organisationKind,
      organisationStatus: authorities.organisationStatus,
      sealed: authorities.sealed,
      powers: authorities.powers,
      sealVersion: currentSealVersion,
    })
    .from(tokens)
    .leftJoin(
      authorities,
      and(
        eq(authorities.delegateId, tokens.delegateId),
        sql`${authorities.startsOn} <= ${sql.placeholder('today')}::date`,
        sql`(${authorities.endsOn} is null or ${authorities.endsOn} >= ${sql.placeholder('today')}::date)`,
      ),
    )
    .where(
      and(
        eq(tokens.hash, sql.placeholder('hash')),
        isValid(sql.placeholder('now'), sql.placeholder('idleBefore')),
      ),
    ),
)

/** One row for each of the caller's authorities; one without an authority, if there is none. */
type HolderRow = Awaited<ReturnType<typeof holdersByHash>>[number]

/** Few tokens are of API clients, so the others do not pay for a join with the organisation: 6 of 45 µs. */
const clientsById = prepared(
  'client_by_token_id',
  build
    .select({
      organisationId: organisations.id,
      organisationKind: organisations.kind,
      organisationStatus: organisations.status,
      powers: tokens.powers,
    })
    .from(tokens)
    .innerJoin(organisations, eq(organisations.id, tokens.organisationId))
    .where(
      and(
        eq(tokens.id, sql.placeholder('id')),
        isNull(organisations.sealedAt),
        mayAct(sql`${organisations.status}`),
      ),
    ),
)

/**
 * Finds the caller by the hash of a token. Read on every request, so that a revocation or recall applies immediately.
 */
export async function callerByTokenHash(db: Db, hash: Buffer, now: string): Promise<Caller | undefined> {
  const today = dateOf(now)
  const rows = await holdersByHash(db, { hash, now, today, idleBefore: idleBefore(now) })
  const [holder] = rows
  if (!holder) return undefined
  const { id: tokenId, delegateId, organisationId, scopes } = holder
  const mandates = organisationId === null ? rows.flatMap(liveMandate) : await mandatesOfClient(db, tokenId)
  const sealed = await sealedOrganisations(db, holder.sealVersion)
  const bearer = { tokenId, sealedOrganisations: sealed, isFirstToday: holder.usedOn < today }
  if (delegateId !== null) {
    const elevated = holder.elevatedUntil !== null && holder.elevatedUntil > now
    return { kind: 'delegate', ...bearer, delegateId, scopes, mandates, elevated }
  }
  if (organisationId === null) return { kind: 'operator', ...bearer }
  return { kind: 'client', ...bearer, organisationId, scopes, mandates }
}

/** A left join gives all columns of an authority, or none. */
function liveMandate(row: HolderRow): LiveMandate[] {
  const {
    mandateId: id,
    actsForId: organisationId,
    organisationKind,
    organisationStatus,
    sealed,
    powers,
  } = row
  const authority = { id, organisationId, organisationKind, organisationStatus, sealed, powers }
  return id === null ? [] : [authority as LiveMandate]
}

/** A client acts for its organisation with the powers of its token, while the organisation may act. */
const mandatesOfClient = async (db: Db, id: string): Promise<LiveMandate[]> =>
  (await clientsById(db, { id })).map(({ organisationId, organisationKind, organisationStatus, powers }) => ({
    id: null,
    organisationId,
    organisationKind,
    organisationStatus,
    sealed: false,
    powers,
  }))

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
