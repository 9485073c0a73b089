import { coordinatorMandate, type Caller, type LiveMandate } from '../../platform/access.ts'
import { holdStill, transaction, type Act } from '../../platform/act.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { beyond, type Db, type Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { revise } from '../../platform/revising.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { isSelf } from '../policy.ts'
import { disclosureClosed, disclosureNotFound, disclosureNotOpen, anotherPersonNeeded } from '../problems.ts'
import {
  disclosureById,
  disclosuresFor,
  livingDelegate,
  lockDisclosure,
  readsOf,
  type DisclosureRow,
} from './queries.ts'
import { readAnothersIdentity } from './reading.ts'
import type { DisclosureListParameters, RequestDisclosure } from './schemas.ts'
import { disclosures } from './tables.ts'

const waitingHours = 72
const openHours = 24

export async function listDisclosures(act: Act, query: DisclosureListParameters) {
  const page = await disclosuresFor(act.read, act.caller, query)
  return { ...page, data: page.data.map((row) => present(row, act.now)) }
}

export async function readDisclosure(act: Act, id: string) {
  return present(await accessDisclosure(act.read, act.caller, id), act.now)
}

/** For the person concerned: who read their identity, and by what right. */
export const listIdentityReads = (act: Act, query: DisclosureListParameters) =>
  readsOf(act.read, act.caller.kind === 'delegate' ? act.caller.delegateId : '', query)

export function requestDisclosure(act: Act, { delegateId, reason }: RequestDisclosure) {
  return transaction(act, async (tx) => {
    const { mandate, person } = await holdCoordinator(tx, act)
    // Whose delegate it is, coordinators do not see; the ledger of that organisation is told.
    const delegate = await livingDelegate(beyond(tx), delegateId)
    if (!delegate || delegateId === person) throw unfitDelegate(delegateId === person)
    const id = blindId()
    await tx.insert(disclosures).values({
      id,
      createdAt: act.now,
      updatedAt: act.now,
      delegateId,
      reason,
      requestedById: person,
      requestedMandateId: mandate.id ?? '',
      expiresAt: hoursAfter(act.now, waitingHours),
    })
    await record(tx, act, {
      type: 'disclosure.requested',
      subjectId: id,
      subjectVersion: 1,
      organisationId: delegate.organisationId,
      mandateId: mandate.id,
      details: { delegateId },
    })
    return present(await accessDisclosure(tx, act.caller, id), act.now)
  })
}

const unfitDelegate = (isOneself: boolean) =>
  invalidBecause({
    pointer: '/delegateId',
    ...(isOneself
      ? { code: 'yourself', detail: 'must be somebody else' }
      : { code: 'unknown_delegate', detail: 'is no delegate' }),
  })

/** The second word, of another coordinator. The identity is open to both of them for a day. */
export function grantDisclosure(act: Act, id: string) {
  return transaction(act, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    const { mandate, person } = await holdCoordinator(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (isSelf(act.caller, row.delegateId)) throw forbidden('It is about you: only others can grant it.')
    if (statusOf(row, act.now) !== 'requested') throw disclosureClosed()
    if (row.requestedById === person) throw anotherPersonNeeded()
    const delegate = await livingDelegate(beyond(tx), row.delegateId)
    const change = { grantedById: person, grantedAt: act.now, expiresAt: hoursAfter(act.now, openHours) }
    if (!delegate) throw disclosureClosed()
    const { organisationId } = delegate
    const told = { type: 'disclosure.granted', organisationId, mandateId: mandate.id } as const
    await revise(tx, act, disclosures, row, change, { ...told, details: { delegateId: row.delegateId } })
    return present(await accessDisclosure(tx, act.caller, id), act.now)
  })
}

export function readDisclosedIdentity(act: Act, vault: Vault, id: string) {
  return readAnothersIdentity(act, vault, async (tx) => {
    const row = await accessDisclosure(tx, act.caller, id)
    const { person } = await holdCoordinator(tx, act)
    if (![row.requestedById, row.grantedById].includes(person)) {
      throw forbidden('This is open to the two coordinators who asked for it and granted it.')
    }
    if (statusOf(row, act.now) !== 'granted') throw disclosureNotOpen()
    const delegate = await livingDelegate(beyond(tx), row.delegateId)
    if (!delegate) throw disclosureNotOpen()
    return { delegateId: row.delegateId, organisationId: delegate.organisationId, disclosureId: id }
  })
}

async function accessDisclosure(db: Db, caller: Caller, id: string): Promise<DisclosureRow> {
  const row = await disclosureById(db, id)
  if (!row || !mayRead(caller, row)) throw disclosureNotFound()
  return row
}

const mayRead = (caller: Caller, row: { delegateId: string }): boolean =>
  isSelf(caller, row.delegateId) || coordinatorMandate(caller) !== undefined

async function holdCoordinator(tx: Tx, act: Act): Promise<{ mandate: LiveMandate; person: string }> {
  const mandate = coordinatorMandate(act.caller)
  if (!mandate || act.caller.kind !== 'delegate') {
    throw forbidden('Two coordinators of a verified coordination can ask for this, in an emergency.')
  }
  await holdStill(tx, act, mandate)
  return { mandate, person: act.caller.delegateId }
}

const statusOf = ({ grantedAt, expiresAt }: DisclosureRow, now: string) =>
  grantedAt === null
    ? expiresAt > now
      ? ('requested' as const)
      : ('lapsed' as const)
    : expiresAt > now
      ? ('granted' as const)
      : ('ended' as const)

const present = (row: DisclosureRow, now: string) => ({ ...row, status: statusOf(row, now) })
