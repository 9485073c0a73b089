import { coordinatorMandates, type Caller, type LiveMandate } from '../../platform/access.ts'
import {
  asService,
  lockMandate,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { anotherCoordinationNeeded } from '../../organisations/problems.ts'
import { isSelf } from '../policy.ts'
import { anotherPersonNeeded, disclosureClosed, disclosureNotFound, disclosureNotOpen } from '../problems.ts'
import { lockElevationForOthers, requirePerson } from '../second-factor/actions.ts'
import { revokeDisclosure } from './revocation.ts'
import { mandatesBehind, mayReadDisclosed, mayReadDisclosure, statusOf } from './policy.ts'
import {
  coordinatorsAmong,
  disclosureById,
  disclosuresFor,
  lockCoordinators,
  existingDelegate,
  lockDisclosure,
  readsOf,
  type DisclosureRow,
} from './queries.ts'
import { readAnothersIdentity } from './identity-access.ts'
import type { DisclosureListParameters, RequestDisclosure } from './schemas.ts'
import { disclosures } from './tables.ts'

const waitingHours = 72
const openHours = 24

export async function listDisclosures(act: ActionContext, query: DisclosureListParameters) {
  const page = await disclosuresFor(act.read, act.caller, query)
  const live = await liveAmong(asService(act).read, page.data, act.now)
  return { ...page, data: page.data.map((row) => presentDisclosure(row, act.now, live)) }
}

export async function readDisclosure(act: ActionContext, id: string) {
  const row = await accessDisclosure(act.read, act.caller, id)
  return presentDisclosure(row, act.now, await liveAmong(asService(act).read, [row], act.now))
}

/** For the person concerned: who read their identity, and by what right. */
export const listIdentityReads = (act: ActionContext, query: DisclosureListParameters) =>
  readsOf(act.read, requirePerson(act.caller).delegateId, query)

export function requestDisclosure(act: ActionContext, { delegateId, reason }: RequestDisclosure) {
  return transaction(act, async (tx) => {
    const [coordinator] = await requireOwnCoordinators(tx, act)
    await lockElevationForOthers(tx, act)
    const person = requirePerson(act.caller).delegateId
    // Whose delegate it is, coordinators do not see; the ledger of that organisation is told.
    const delegate = await existingDelegate(bypassRls(tx), delegateId)
    if (!delegate || delegateId === person) throw unfitDelegate(delegateId === person)
    const id = randomId()
    await tx.insert(disclosures).values({
      id,
      createdAt: act.now,
      updatedAt: act.now,
      delegateId,
      reason,
      requestedById: person,
      requestedMandateId: coordinator.mandateId,
      requestedInId: coordinator.coordinationId,
      expiresAt: hoursAfter(act.now, waitingHours),
    })
    await record(tx, act, {
      type: 'disclosure.requested',
      subjectId: id,
      subjectVersion: 1,
      organisationId: delegate.organisationId,
      mandateId: coordinator.mandateId,
      details: { delegateId },
    })
    return readWithin(tx, act, id)
  })
}

const unfitDelegate = (isOneself: boolean) =>
  invalidBecause({
    pointer: '/delegateId',
    ...(isOneself
      ? { code: 'yourself', detail: 'must be somebody else' }
      : { code: 'unknown_delegate', detail: 'is no delegate' }),
  })

/** The second word, of a coordinator of another coordination. The identity is open to both of them for a day. */
export function grantDisclosure(act: ActionContext, id: string) {
  return transaction(act, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    const own = await requireOwnCoordinators(tx, act)
    const person = requirePerson(act.caller).delegateId
    await lockElevationForOthers(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (isSelf(act.caller, row.delegateId)) throw forbidden('It is about you: only others can grant it.')
    if ((await lockStatus(tx, act, row)) !== 'requested') throw disclosureClosed()
    if (row.requestedById === person) throw anotherPersonNeeded()
    const coordinator = own.find(({ coordinationId }) => coordinationId !== row.requestedInId)
    if (!coordinator) throw anotherCoordinationNeeded()
    const delegate = await existingDelegate(bypassRls(tx), row.delegateId)
    if (!delegate) throw disclosureClosed()
    const { organisationId } = delegate
    const { mandateId } = coordinator
    const words = {
      grantedById: person,
      grantedMandateId: mandateId,
      grantedInId: coordinator.coordinationId,
      grantedAt: act.now,
    }
    const change = { ...words, expiresAt: hoursAfter(act.now, openHours) }
    const entry = { type: 'disclosure.granted', organisationId, mandateId } as const
    await updateVersion(tx, act, disclosures, row, change, {
      ...entry,
      details: { delegateId: row.delegateId },
    })
    return readWithin(tx, act, id)
  })
}

/** By any coordinator, without a code: it only closes. What is over already stays as it ended. */
export function closeDisclosure(act: ActionContext, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    const [{ mandateId }] = await requireOwnCoordinators(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    const isOver = row.endedAt !== null || row.expiresAt <= act.now
    const by = { person: requirePerson(act.caller).delegateId, mandateId }
    if (!isOver) await revokeDisclosure(tx, act, row, by)
    return {}
  })
}

export function readDisclosedIdentity(act: ActionContext, vault: Vault, id: string) {
  return readAnothersIdentity(act, vault, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    await requireOwnCoordinators(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (!mayReadDisclosed(requirePerson(act.caller).delegateId, row)) {
      throw forbidden('This is open to the two coordinators who asked for it and granted it.')
    }
    if ((await lockStatus(tx, act, row)) !== 'granted') throw disclosureNotOpen()
    const delegate = await existingDelegate(bypassRls(tx), row.delegateId)
    if (!delegate) throw disclosureNotOpen()
    return { delegateId: row.delegateId, organisationId: delegate.organisationId, disclosureId: id }
  })
}

async function accessDisclosure(db: Db, caller: Caller, id: string): Promise<DisclosureRow> {
  const row = await disclosureById(db, id)
  if (!row || !mayReadDisclosure(caller, row)) throw disclosureNotFound()
  return row
}

type Coordinator = Awaited<ReturnType<typeof lockCoordinators>>[number]

/** The caller's mandates as a coordinator, at least one, each with the coordination that gave it. */
async function requireOwnCoordinators(tx: Tx, act: ActionContext): Promise<[Coordinator, ...Coordinator[]]> {
  const own = coordinatorMandates(act.caller)
  for (const mandate of own) await lockMandate(tx, act, mandate)
  const [first, ...others] = await lockCoordinators(bypassRls(tx), idsOf(own), act.now)
  if (first) return [first, ...others]
  throw forbidden('Two coordinators of two verified coordinations can do this, in an emergency.')
}

const idsOf = (mandates: readonly LiveMandate[]): string[] =>
  mandates.map(({ id }) => id).filter((id) => id !== null)

/** Both words are those of others' mandates, and are held: whoever recalls one comes before or waits. */
async function lockStatus(tx: Tx, act: ActionContext, row: DisclosureRow) {
  const live = await lockCoordinators(bypassRls(tx), mandatesBehind(row), act.now)
  return statusOf(row, act.now, mandateIdsOf(live))
}

async function readWithin(tx: Tx, act: ActionContext, id: string) {
  const row = await accessDisclosure(tx, act.caller, id)
  return presentDisclosure(row, act.now, await liveAmong(bypassRls(tx), [row], act.now))
}

/** Which of the words still count. Past the caller: whose mandates they are is not shown, only what became of it. */
const liveAmong = async (db: Db, rows: readonly DisclosureRow[], now: string): Promise<string[]> =>
  mandateIdsOf(await coordinatorsAmong(db, rows.flatMap(mandatesBehind), now))

const mandateIdsOf = (live: readonly { mandateId: string }[]): string[] =>
  live.map(({ mandateId }) => mandateId)

const presentDisclosure = (row: DisclosureRow, now: string, live: readonly string[]) => ({
  ...row,
  status: statusOf(row, now, live),
})
