/** What `/v1/me` tells a caller about themselves. */
import { eq, inArray } from 'drizzle-orm'
import { mandatesOf, type Caller } from '../platform/access.ts'
import type { Db } from '../platform/database.ts'
import { referenceTo } from '../platform/references.ts'
import type { Reference } from '../platform/wire.ts'
import { organisations } from '../organisations/tables.ts'
import { mandates } from './mandates/tables.ts'
import { delegates } from './tables.ts'
import { tokens } from './tokens/tables.ts'

export async function describeCaller(db: Db, caller: Caller) {
  return {
    kind: caller.kind as Exclude<Caller['kind'], 'anonymous' | 'system'>,
    delegate: caller.kind === 'delegate' ? await delegateReference(db, caller.delegateId) : null,
    organisation: 'organisationId' in caller ? await organisationReference(db, caller.organisationId) : null,
    scopes: 'scopes' in caller ? [...caller.scopes] : [],
    expiresAt: 'tokenId' in caller ? await expiryOf(db, caller.tokenId) : null,
    mandates: await describeMandates(db, caller),
    pact: caller.kind === 'link' ? { id: caller.pactId, url: `/v1/pacts/${caller.pactId}` } : null,
  }
}

async function describeMandates(db: Db, caller: Caller) {
  const live = mandatesOf(caller)
  if (live.length === 0) return []
  const names = new Map(
    (
      await organisationReferences(
        db,
        live.map((mandate) => mandate.organisationId),
      )
    ).map((one) => [one.id, one]),
  )
  const ids = live.flatMap((mandate) => mandate.id ?? [])
  const kept = ids.length > 0 ? await db.select().from(mandates).where(inArray(mandates.id, ids)) : []
  return live.map((mandate) => {
    const row = kept.find((one) => one.id === mandate.id)
    return {
      id: mandate.id,
      organisation: names.get(mandate.organisationId) as Reference,
      office: row?.office ?? null,
      powers: [...mandate.powers],
      endsOn: row?.endsOn ?? null,
    }
  })
}

async function organisationReferences(db: Db, ids: string[]): Promise<Reference[]> {
  const rows = await db
    .select({ reference: referenceTo('organisations', organisations.id, organisations.name) })
    .from(organisations)
    .where(inArray(organisations.id, ids))
  return rows.map((row) => row.reference)
}

async function organisationReference(db: Db, id: string): Promise<Reference | null> {
  const [reference] = await organisationReferences(db, [id])
  return reference ?? null
}

async function delegateReference(db: Db, id: string): Promise<Reference | null> {
  const [row] = await db
    .select({ reference: referenceTo('delegates', delegates.id, delegates.displayName) })
    .from(delegates)
    .where(eq(delegates.id, id))
  return row?.reference ?? null
}

async function expiryOf(db: Db, tokenId: string): Promise<string | null> {
  const [row] = await db.select({ expiresAt: tokens.expiresAt }).from(tokens).where(eq(tokens.id, tokenId))
  return row?.expiresAt ?? null
}
