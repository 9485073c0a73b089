import { eq } from 'drizzle-orm'
import { mandateFor, scopes, type Caller } from '../platform/access.ts'
import { holdMandate, transaction, type Act } from '../platform/act.ts'
import type { Db, Tx } from '../platform/database.ts'
import { blindId, orderedId } from '../platform/ids.ts'
import { record } from '../platform/ledger.ts'
import { pageOf, positionOf } from '../platform/pages.ts'
import { forbidden, staleVersion } from '../platform/problems.ts'
import { accessOrganisation, type Seat } from '../organisations/actions.ts'
import type { RegisterOrganisation } from '../organisations/schemas.ts'
import { powersOfOffice } from './mandates/lifecycle.ts'
import { mandates } from './mandates/tables.ts'
import { mayChangeDelegate } from './policy.ts'
import { delegateNotFound } from './problems.ts'
import { lockDelegate, visibleDelegates, type DelegateRow } from './queries.ts'
import type { ChangeDelegate, CreateDelegate, DelegateListParameters } from './schemas.ts'
import { delegates } from './tables.ts'
import { issueToken } from './tokens/minting.ts'

/** Whom a caller may not see is missing for them. */
export async function accessDelegate(db: Db, caller: Caller, id: string): Promise<DelegateRow> {
  const [row] = await visibleDelegates(db, caller, { id, limit: 1 })
  if (!row) throw delegateNotFound()
  return row
}

export async function listDelegates(db: Db, caller: Caller, query: DelegateListParameters) {
  const after = positionOf(query, 'id')?.id
  const narrowing = { after, organisationId: query.organisationId, limit: query.limit + 1 }
  return pageOf(await visibleDelegates(db, caller, narrowing), query, (row) => row.id)
}

export function createDelegate(act: Act, input: CreateDelegate) {
  return transaction(act, async (tx) => {
    await accessOrganisation(tx, act.caller, input.organisationId)
    const mandate = await holdMandate(tx, act, input.organisationId, 'administer')
    const id = blindId()
    await insertDelegate(tx, act, id, input.organisationId, input)
    await record(tx, act, {
      type: 'delegate.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId: input.organisationId,
      mandateId: mandate.id,
    })
    return accessDelegate(tx, act.caller, id)
  })
}

export function changeDelegate(act: Act, id: string, version: number | undefined, change: ChangeDelegate) {
  return transaction(act, async (tx) => {
    const row = await lockDelegate(tx, id)
    await accessDelegate(tx, act.caller, id)
    if (!row) throw delegateNotFound()
    if (!mayChangeDelegate(act.caller, row))
      throw forbidden('Only the delegate and their secretary can change this.')
    if (version !== undefined && row.version !== version) throw staleVersion()
    await tx
      .update(delegates)
      .set({
        displayName: change.displayName ?? row.displayName,
        pseudonym: change.pseudonym ?? row.pseudonym,
        languages: change.languages ?? row.languages,
        version: row.version + 1,
        updatedAt: act.now,
      })
      .where(eq(delegates.id, id))
    await record(tx, act, {
      type: 'delegate.changed',
      subjectId: id,
      subjectVersion: row.version + 1,
      organisationId: row.organisationId,
      mandateId: mandateFor(act.caller, row.organisationId, 'administer')?.id,
      details: { fields: Object.keys(change).sort() },
    })
    return accessDelegate(tx, act.caller, id)
  })
}

/** The person who registers, or claims, an organisation becomes its secretary, from today and until recalled. */
export async function seatFirstSecretary(
  tx: Tx,
  act: Act,
  organisation: { id: string; kind: string },
  secretary: RegisterOrganisation['secretary'],
): Promise<Seat> {
  const delegateId = blindId()
  const mandateId = orderedId()
  // Sent in this order and in one write, without waiting for one before the next: the connection is pipelined.
  const [, , { token }] = await Promise.all([
    insertDelegate(tx, act, delegateId, organisation.id, secretary),
    tx.insert(mandates).values({
      id: mandateId,
      createdAt: act.now,
      updatedAt: act.now,
      status: 'active',
      delegateId,
      organisationId: organisation.id,
      office: 'secretary',
      powers: [...powersOfOffice.secretary],
      startsOn: act.now.slice(0, 10),
    }),
    issueToken(tx, act, { kind: 'delegate', delegateId, label: 'first token', scopes: [...scopes] }),
    record(tx, act, {
      type: 'mandate.activated',
      subjectId: mandateId,
      subjectVersion: 1,
      organisationId: organisation.id,
      mandateId,
      details: { delegateId, office: 'secretary' },
    }),
  ])
  return {
    secretary: { id: delegateId, name: secretary.displayName, url: `/v1/delegates/${delegateId}` },
    mandate: { id: mandateId, url: `/v1/mandates/${mandateId}` },
    token,
  }
}

type NewDelegate = { displayName: string; pseudonym: boolean; languages?: string[] | undefined }

async function insertDelegate(
  tx: Tx,
  act: Act,
  id: string,
  organisationId: string,
  person: NewDelegate,
): Promise<void> {
  await tx.insert(delegates).values({
    id,
    createdAt: act.now,
    updatedAt: act.now,
    displayName: person.displayName,
    pseudonym: person.pseudonym,
    languages: person.languages ?? [],
    organisationId,
  })
}
