/** What `/v1/me` shows a caller. */
import { eq, sql } from 'drizzle-orm'
import { mandatesOf, type Caller, type Power } from '../platform/access.ts'
import type { ActionContext } from '../platform/actions/action-context.ts'
import type { Db } from '../platform/database/database.ts'
import { referenceTo } from '../platform/database/references.ts'
import type { Reference } from '../platform/wire/common-schemas.ts'
import { organisations } from '../organisations/tables.ts'
import { mandates } from './mandates/tables.ts'
import { nextStepOf } from './next-steps/actions.ts'
import { delegates } from './tables.ts'
import { tokens } from './tokens/tables.ts'

const delegate = referenceTo('delegates', delegates.id, delegates.displayName)
const organisation = referenceTo('organisations', organisations.id, organisations.name)

export async function describeCaller(db: Db, context: ActionContext) {
  const { caller } = context
  const [holder, live, next] = await Promise.all([
    holderOf(db, context),
    liveMandates(db, context),
    nextStepOf(context),
  ])
  return {
    ...holder,
    kind: caller.kind as Exclude<Caller['kind'], 'anonymous' | 'system'>,
    scopes: 'scopes' in caller ? [...caller.scopes] : [],
    mandates: live,
    next,
    pact: caller.kind === 'link' ? { id: caller.linkedId, url: `/v1/pacts/${caller.linkedId}` } : null,
  }
}

const nobody = { delegate: null, organisation: null, expiresAt: null }

async function holderOf(db: Db, context: ActionContext) {
  if (context.caller.kind === 'link')
    return { ...nobody, ...(await invited(db, context.caller.organisationId)) }
  if (!('tokenId' in context.caller)) return nobody
  const [holder] = await db
    .select({
      delegate: sql<Reference | null>`case when ${delegates.id} is not null then ${delegate} end`,
      organisation: sql<Reference | null>`case when ${organisations.id} is not null then ${organisation} end`,
      expiresAt: tokens.expiresAt,
    })
    .from(tokens)
    .leftJoin(delegates, eq(delegates.id, tokens.delegateId))
    .leftJoin(organisations, eq(organisations.id, tokens.organisationId))
    .where(eq(tokens.id, context.caller.tokenId))
  return holder ?? nobody
}

async function invited(db: Db, id: string) {
  const [row] = await db.select({ organisation }).from(organisations).where(eq(organisations.id, id))
  return row
}

/** Lists the caller's mandates. One for a merged organisation shows its name and the office in the successor. */
async function liveMandates(db: Db, context: ActionContext) {
  const live = mandatesOf(context.caller)
  if (live.length === 0) return []
  const ids = sql.param(live.map((mandate) => mandate.id))
  const organisationIds = sql.param(live.map((mandate) => mandate.organisationId))
  const powers = sql.param(live.map((mandate) => JSON.stringify(mandate.powers)))
  return db
    .select({
      id: sql<string | null>`live.id`,
      organisation,
      office: mandates.office,
      endsOn: mandates.endsOn,
      powers: sql<Power[]>`live.powers`,
      sealed: sql<boolean>`${organisations.sealedAt} is not null`,
    })
    .from(
      sql`unnest(${ids}::uuid[], ${organisationIds}::uuid[], ${powers}::jsonb[]) with ordinality as live (id, organisation_id, powers, place)`,
    )
    .innerJoin(organisations, eq(organisations.id, sql`live.organisation_id`))
    .leftJoin(mandates, eq(mandates.id, sql`live.id`))
    .orderBy(sql`live.place`)
}
