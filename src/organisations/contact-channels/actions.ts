import { eq } from 'drizzle-orm'
import { mandateFor } from '../../platform/access.ts'
import {
  requireMandate,
  transaction,
  withoutMandate,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { inE123 } from '../../platform/wire/contacts.ts'
import type { Db } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
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
import { organisation } from '../../platform/vault/subjects.ts'
import type { Place, Vault } from '../../platform/vault/vault.ts'
import { accessOrganisation } from '../actions.ts'
import { contactChannelsNotFound } from '../problems.ts'
import { lockOrganisation } from '../queries.ts'
import { contactChannelsOf, lockContactChannels } from './queries.ts'
import type { WriteContactChannels } from './schemas.ts'
import { contactChannels } from './tables.ts'

const placeOf = (row: string): Place => ({ table: 'contact_channels', column: 'channels', row })

export async function readContactChannels(
  db: Db,
  context: ActionContext,
  organisationId: string,
  vault: Vault,
) {
  await accessOrganisation(db, context, organisationId)
  if (!mandateFor(context.caller, organisationId, 'administer'))
    throw withoutMandate(context.caller, organisationId, onlyAdministrators)
  const decrypt = await vault.decryptFor(organisation(organisationId))
  const row = await contactChannelsOf(db, organisationId)
  if (!row) throw contactChannelsNotFound()
  const { id, version, createdAt, updatedAt } = row
  const channels = JSON.parse(await decrypt(placeOf(id), row.channels)) as WriteContactChannels['channels']
  const url = `/v1/organisations/${organisationId}/contact-channels`
  return { id, version, createdAt, updatedAt, url, channels: channels.map(withE123) }
}

/** Formats the number at each read, so that better formatting needs no decryption key. */
const withE123 = (channel: WriteContactChannels['channels'][number]) => ({
  ...channel,
  addressInE123: channel.kind === 'phone' ? inE123(channel.address) : null,
})

const onlyAdministrators = () =>
  forbidden('Only an administrator of the organisation can do this. Ask the organisation how to reach it.')

/** Replaces the whole list. `version` is what If-Match and If-None-Match named, if they were sent. */
export function writeContactChannels(
  context: ActionContext,
  vault: Vault,
  organisationId: string,
  version: Precondition,
  input: WriteContactChannels,
) {
  return transaction(context, async (tx) => {
    await accessOrganisation(tx, context, organisationId)
    await lockOrganisation(tx, organisationId)
    const { id: mandateId } = await requireMandate(
      tx,
      context,
      organisationId,
      'administer',
      onlyAdministrators,
    )
    const encrypt = await vault.encryptFor(tx, organisation(organisationId), context.now)
    const row = await lockContactChannels(tx, organisationId)
    const id = row?.id ?? timeOrderedId()
    const channels = encrypt(placeOf(id), JSON.stringify(input.channels))
    requireVersion(row, version)
    if (row) {
      const before = await unlessDamaged(readContactChannels(tx, context, organisationId, vault))
      const asRead = { channels: input.channels.map(withE123) }
      if (before && alreadyHolds(before, asRead)) return before
      const entry = { type: 'contact_channels.changed', organisationId, mandateId } as const
      await updateVersion(tx, context, contactChannels, row, { channels }, entry)
    } else {
      const columns = { id, createdAt: context.now, updatedAt: context.now, organisationId }
      await tx.insert(contactChannels).values({ ...columns, channels })
      const subject = { subjectId: id, subjectVersion: 1 }
      record(tx, context, { type: 'contact_channels.written', ...subject, organisationId, mandateId })
    }
    return readContactChannels(tx, context, organisationId, vault)
  })
}

export async function removeContactChannels(
  context: ActionContext,
  vault: Vault,
  organisationId: string,
  version: Precondition,
): Promise<void> {
  await transaction(context, async (tx) => {
    await accessOrganisation(tx, context, organisationId)
    const { id: mandateId } = await requireMandate(
      tx,
      context,
      organisationId,
      'administer',
      onlyAdministrators,
    )
    await vault.lockSubject(tx, organisation(organisationId))
    const row = await lockContactChannels(tx, organisationId)
    if (!row) throw contactChannelsNotFound()
    requireVersion(row, version)
    await vault.renew(tx, organisation(organisationId), context.now)
    await tx.delete(contactChannels).where(eq(contactChannels.id, row.id))
    const subject = { subjectId: row.id, subjectVersion: row.version + 1 }
    record(tx, context, { type: 'contact_channels.removed', ...subject, organisationId, mandateId })
    return {}
  })
  await deleteOlderKeys(context, vault, organisation(organisationId))
}
