import { allScopes, type Caller } from '../platform/access.ts'
import {
  requireUnsealed,
  requireMandate,
  transaction,
  type ActionContext,
} from '../platform/actions/action-context.ts'
import { dateOf } from '../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../platform/database/database.ts'
import { randomId, timeOrderedId } from '../platform/ids.ts'
import { record } from '../platform/ledger/ledger.ts'
import { pageOf, positionOf } from '../platform/wire/cursors.ts'
import { inserting } from '../platform/database/inserts.ts'
import { forbidden, invalidBecause, type Problem } from '../platform/problems.ts'
import {
  requireVersion,
  alreadyHolds,
  updateVersion,
  type Precondition,
} from '../platform/ledger/versioned-update.ts'
import { mayRead } from '../organisations/policy.ts'
import { organisationById } from '../organisations/queries.ts'
import type { FirstSecretary } from '../organisations/registrations/actions.ts'
import type { RegisterOrganisation } from '../organisations/schemas.ts'
import { powersOfOffice } from './mandates/lifecycle.ts'
import { lockOrganisationsShared } from './mandates/queries.ts'
import { mandates } from './mandates/tables.ts'
import { isSelf } from './policy.ts'
import { delegateErased, delegateNotFound } from './problems.ts'
import { lockDelegate, visibleDelegates, type DelegateRow } from './queries.ts'
import type { ChangeDelegate, CreateDelegate, DelegateListParameters } from './schemas.ts'
import { delegates } from './tables.ts'
import { issueToken } from './tokens/issuance.ts'

/** Reads a delegate. Throws 404 both for a missing one and for one that the caller may not see. */
export async function accessDelegate(db: Db, context: ActionContext, id: string): Promise<DelegateRow> {
  const [row] = await visibleDelegates(db, context, { id, limit: 1 })
  if (!row) throw delegateNotFound()
  return row
}

export async function listDelegates(db: Db, context: ActionContext, query: DelegateListParameters) {
  const after = positionOf(query, 'id')?.id
  const filters = { after, organisationId: query.organisationId, limit: query.limit + 1 }
  return pageOf(await visibleDelegates(db, context, filters), query, (row) => row.id)
}

export function createDelegate(context: ActionContext, input: CreateDelegate) {
  return transaction(context, async (tx) => {
    const organisation = await organisationById(tx, input.organisationId)
    if (!organisation || !mayRead(context.caller, organisation)) throw unknownOrganisation()
    const mandate = await requireMandate(tx, context, input.organisationId, 'administer')
    const id = randomId()
    await insertDelegate(tx, context, id, input.organisationId, input)
    record(tx, context, {
      type: 'delegate.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId: input.organisationId,
      mandateId: mandate.id,
    })
    return accessDelegate(tx, context, id)
  })
}

const unknownOrganisation = () =>
  invalidBecause({
    pointer: '/organisationId',
    code: 'unknown_organisation',
    detail: 'must be an organisation that you can see',
  })

export function changeDelegate(
  context: ActionContext,
  id: string,
  version: Precondition,
  change: ChangeDelegate,
) {
  return transaction(context, async (tx) => {
    const row = await lockDelegate(tx, id)
    await accessDelegate(tx, context, id)
    if (!row) throw delegateNotFound()
    const mandateId = await requireSelfOrAdministrator(tx, context, row)
    if (row.erasedAt !== null) throw delegateErased()
    requireVersion(row, version)
    if (alreadyHolds(row, change)) return accessDelegate(tx, context, id)
    const changed = {
      displayName: change.displayName ?? row.displayName,
      pseudonym: change.pseudonym ?? row.pseudonym,
      languages: change.languages ?? row.languages,
    }
    await updateVersion(tx, context, delegates, row, changed, {
      type: 'delegate.changed',
      organisationId: row.organisationId,
      mandateId,
      details: { fields: Object.keys(change).sort() },
    })
    return accessDelegate(tx, context, id)
  })
}

/**
 * Locks every organisation whose sealing would revoke what the caller is about to create. A seal either comes first and
 * stops the request, or waits and revokes what was created.
 */
export async function lockSealingOrganisations(
  tx: Tx,
  context: ActionContext,
  ...holders: string[]
): Promise<void> {
  const maker = context.caller.kind === 'delegate' ? [context.caller.delegateId] : []
  // Bypasses RLS, because the caller may not see which other organisations added these people or gave them an office.
  const held = await lockOrganisationsShared(bypassRls(tx), [...maker, ...holders])
  requireUnsealed(
    context.caller,
    held.filter(({ sealedAt }) => sealedAt !== null).map(({ id }) => id),
  )
}

/**
 * Requires that the caller is the delegate, who needs no mandate, or an administrator of the organisation that added
 * the delegate; locks that mandate. Returns the id of the mandate, if there is one.
 */
export async function requireSelfOrAdministrator(
  tx: Tx,
  context: ActionContext,
  delegate: { id: string; organisationId: string },
  otherwise: () => Problem = notSelfOrAdministrator,
): Promise<string | null> {
  if (isSelf(context.caller, delegate.id)) return null
  const mandate = await requireMandate(tx, context, delegate.organisationId, 'administer', otherwise)
  return mandate.id
}

const notSelfOrAdministrator = () =>
  forbidden(
    'Only the delegate, or an administrator of the organisation that added the delegate, can do this. Ask one of them.',
  )

/** Makes the person who registers or claims an organisation its secretary, from today and without a last day. */
export async function appointFirstSecretary(
  tx: Tx,
  context: ActionContext,
  organisation: { id: string; kind: string },
  secretary: RegisterOrganisation['secretary'],
): Promise<FirstSecretary> {
  const delegateId = randomId()
  const mandateId = timeOrderedId()
  const by = { organisationId: organisation.id, mandateId }
  record(tx, context, { type: 'delegate.created', subjectId: delegateId, subjectVersion: 1, ...by })
  record(tx, context, {
    type: 'mandate.activated',
    subjectId: mandateId,
    subjectVersion: 1,
    ...by,
    details: { delegateId, office: 'secretary' },
  })
  // One batch, carried out in this order.
  const [, , { token }] = await Promise.all([
    insertDelegate(tx, context, delegateId, organisation.id, secretary),
    insertMandate(tx, {
      id: mandateId,
      createdAt: context.now,
      updatedAt: context.now,
      status: 'active',
      delegateId,
      organisationId: organisation.id,
      office: 'secretary',
      powers: [...powersOfOffice.secretary],
      startsOn: dateOf(context.now),
    }),
    issueToken(tx, context, firstToken(context.caller, delegateId), by),
  ])
  return {
    secretary: { id: delegateId, name: secretary.displayName, url: `/v1/delegates/${delegateId}` },
    mandate: { id: mandateId, url: `/v1/mandates/${mandateId}` },
    token,
  }
}

/** Makes the first secretary of a coordination a coordinator too, so that they can verify others. */
export async function appointCoordinator(
  tx: Tx,
  context: ActionContext,
  organisationId: string,
  delegateId: string,
): Promise<void> {
  const id = timeOrderedId()
  const office = 'coordinator'
  const powers = [...powersOfOffice[office]]
  await insertMandate(tx, {
    id,
    createdAt: context.now,
    updatedAt: context.now,
    status: 'active',
    delegateId,
    organisationId,
    office,
    powers,
    startsOn: dateOf(context.now),
  })
  record(tx, context, {
    type: 'mandate.activated',
    subjectId: id,
    subjectVersion: 1,
    organisationId,
    details: { delegateId, office, powers },
  })
}

const firstToken = (caller: Caller, delegateId: string) => ({
  kind: 'delegate' as const,
  delegateId,
  label: 'first token',
  scopes: [...allScopes()],
  origin: caller.kind === 'link' ? ('claim' as const) : ('registration' as const),
})

const insertRow = inserting(delegates)
const insertMandate = inserting(mandates)

type NewDelegate = { displayName: string; pseudonym: boolean; languages?: string[] | undefined }

async function insertDelegate(
  tx: Tx,
  context: ActionContext,
  id: string,
  organisationId: string,
  person: NewDelegate,
): Promise<void> {
  await insertRow(tx, {
    id,
    createdAt: context.now,
    updatedAt: context.now,
    displayName: person.displayName,
    pseudonym: person.pseudonym,
    languages: person.languages ?? [],
    organisationId,
  })
}
