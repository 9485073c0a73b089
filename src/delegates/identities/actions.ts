import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { inE123 } from '../../platform/wire/contacts.ts'
import type { Db } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import {
  requireVersion,
  alreadyHolds,
  updateVersion,
  type Precondition,
} from '../../platform/ledger/versioned-update.ts'
import { unlessDamaged } from '../../platform/vault/problems.ts'
import { deleteOlderKeys } from '../../platform/vault/rotation.ts'
import { person } from '../../platform/vault/subjects.ts'
import type { Place, Encrypt, Vault } from '../../platform/vault/vault.ts'
import { accessDelegate } from '../actions.ts'
import { delegateNotFound, identityNotFound } from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { requireElevation, requireFactor } from '../second-factor/actions.ts'
import { deleteIdentity } from './delete-identity.ts'
import { accessIdentity } from './policy.ts'
import { identityOf, lockIdentity, type IdentityRow } from './queries.ts'
import { identityFields, type WriteIdentity } from './schemas.ts'
import { identities } from './tables.ts'

export async function readIdentity(db: Db, context: ActionContext, delegateId: string, vault: Vault) {
  await requireAccess(db, context, delegateId)
  const identity = await openIdentity(db, vault, delegateId)
  if (!identity) throw identityNotFound()
  return identity
}

/** Decrypts an identity. The caller must have checked the right to read it. */
export async function openIdentity(db: Db, vault: Vault, delegateId: string) {
  const decrypt = await vault.decryptFor(person(delegateId))
  const row = await identityOf(db, delegateId)
  if (!row) return undefined
  const decrypted = async (field: Field) => {
    const encrypted = row[field]
    return encrypted === null ? null : decrypt(placeOf(row.id, field), encrypted)
  }
  const [legalName, phone, email, messenger, travelDocument] = await Promise.all(
    identityFields.map(decrypted),
  )
  return {
    ...ownColumns(row),
    url: `/v1/delegates/${delegateId}/identity`,
    legalName: legalName ?? null,
    phone: phone ?? null,
    phoneInE123: phone ? inE123(phone) : null,
    email: email ?? null,
    messenger: messenger ?? null,
    travelDocument: travelDocument ? (JSON.parse(travelDocument) as WriteIdentity['travelDocument']) : null,
  }
}

/** Replaces the whole identity. `version` is what If-Match and If-None-Match named, if they were sent. */
export function writeIdentity(
  context: ActionContext,
  vault: Vault,
  delegateId: string,
  version: Precondition,
  input: WriteIdentity,
) {
  return transaction(context, async (tx) => {
    await requireAccess(tx, context, delegateId)
    const delegate = await lockDelegate(tx, delegateId)
    if (!delegate) throw delegateNotFound()
    // The removal of a factor locks the delegate too, so no identity is written without a factor.
    await requireFactor(tx, context)
    const encrypt = await vault.encryptFor(tx, person(delegateId), context.now)
    const row = await lockIdentity(tx, delegateId)
    const { organisationId } = delegate
    requireVersion(row, version)
    if (row) {
      const before = await unlessDamaged(readIdentity(tx, context, delegateId, vault))
      if (before && alreadyHolds(before, input)) return before
      const entry = { type: 'identity.changed', organisationId } as const
      await updateVersion(tx, context, identities, row, encryptedColumns(encrypt, row.id, input), entry)
    } else {
      const id = randomId()
      const columns = { id, createdAt: context.now, updatedAt: context.now, delegateId }
      await tx.insert(identities).values({ ...columns, ...encryptedColumns(encrypt, id, input) })
      record(tx, context, {
        type: 'identity.written',
        subjectId: id,
        subjectVersion: 1,
        organisationId,
      })
    }
    return readIdentity(tx, context, delegateId, vault)
  })
}

export async function removeIdentity(
  context: ActionContext,
  vault: Vault,
  delegateId: string,
  version: Precondition,
): Promise<void> {
  await transaction(context, async (tx) => {
    await requireAccess(tx, context, delegateId)
    const delegate = await lockDelegate(tx, delegateId)
    await vault.lockSubject(tx, person(delegateId))
    const row = await lockIdentity(tx, delegateId)
    if (!row || !delegate) throw identityNotFound()
    requireVersion(row, version)
    await vault.renew(tx, person(delegateId), context.now)
    await deleteIdentity(tx, context, row, delegate.organisationId)
    return {}
  })
  await deleteOlderKeys(context, vault, person(delegateId))
}

/**
 * Throws 404 for a delegate whom the caller may not see, and 403 for one whom they may see but whose identity they may
 * not read.
 */
async function requireAccess(db: Db, context: ActionContext, delegateId: string): Promise<void> {
  await accessDelegate(db, context, delegateId)
  if (!accessIdentity(context.caller, delegateId)) {
    throw forbidden('Only the person can read or change their identity. Ask them for what you need to know.')
  }
  requireElevation(context.caller)
}

type Field = (typeof identityFields)[number]

const columnNames: Readonly<Record<Field, string>> = {
  legalName: 'legal_name',
  phone: 'phone',
  email: 'email',
  messenger: 'messenger',
  travelDocument: 'travel_document',
}

const placeOf = (row: string, field: Field): Place => ({
  table: 'identities',
  column: columnNames[field],
  row,
})

function encryptedColumns(encrypt: Encrypt, id: string, input: WriteIdentity) {
  const encrypted = (field: Field, plain: string | null) =>
    plain === null ? null : encrypt(placeOf(id, field), plain)
  const { travelDocument } = input
  return {
    legalName: encrypted('legalName', input.legalName),
    phone: encrypted('phone', input.phone),
    email: encrypted('email', input.email),
    messenger: encrypted('messenger', input.messenger),
    travelDocument: encrypted('travelDocument', travelDocument && JSON.stringify(travelDocument)),
  }
}

const ownColumns = ({ id, version, createdAt, updatedAt }: IdentityRow) => ({
  id,
  version,
  createdAt,
  updatedAt,
})
