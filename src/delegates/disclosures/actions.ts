import { coordinatorMandates, type Caller, type LiveMandate } from '../../platform/access.ts'
import { asService, holdStill, transaction, type Act } from '../../platform/act.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { beyond, type Db, type Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { revise } from '../../platform/revising.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { anotherCoordinationNeeded } from '../../organisations/problems.ts'
import { isSelf } from '../policy.ts'
import { anotherPersonNeeded, disclosureClosed, disclosureNotFound, disclosureNotOpen } from '../problems.ts'
import { holdElevationForOthers, personOf } from '../second-factor/actions.ts'
import { endDisclosure } from './ending.ts'
import { mandatesBehind, mayReadDisclosed, mayReadDisclosure, statusOf } from './policy.ts'
import {
  coordinatorsAmong,
  disclosureById,
  disclosuresFor,
  holdCoordinators,
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
  const live = await liveAmong(asService(act).read, page.data, act.now)
  return { ...page, data: page.data.map((row) => present(row, act.now, live)) }
}

export async function readDisclosure(act: Act, id: string) {
  const row = await accessDisclosure(act.read, act.caller, id)
  return present(row, act.now, await liveAmong(asService(act).read, [row], act.now))
}

/** For the person concerned: who read their identity, and by what right. */
export const listIdentityReads = (act: Act, query: DisclosureListParameters) =>
  readsOf(act.read, personOf(act.caller).delegateId, query)

export function requestDisclosure(act: Act, { delegateId, reason }: RequestDisclosure) {
  return transaction(act, async (tx) => {
    const [coordinator] = await holdOwnCoordinators(tx, act)
    await holdElevationForOthers(tx, act)
    const person = personOf(act.caller).delegateId
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
export function grantDisclosure(act: Act, id: string) {
  return transaction(act, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    const own = await holdOwnCoordinators(tx, act)
    const person = personOf(act.caller).delegateId
    await holdElevationForOthers(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (isSelf(act.caller, row.delegateId)) throw forbidden('It is about you: only others can grant it.')
    if ((await holdStatus(tx, act, row)) !== 'requested') throw disclosureClosed()
    if (row.requestedById === person) throw anotherPersonNeeded()
    const coordinator = own.find(({ coordinationId }) => coordinationId !== row.requestedInId)
    if (!coordinator) throw anotherCoordinationNeeded()
    const delegate = await livingDelegate(beyond(tx), row.delegateId)
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
    const told = { type: 'disclosure.granted', organisationId, mandateId } as const
    await revise(tx, act, disclosures, row, change, { ...told, details: { delegateId: row.delegateId } })
    return readWithin(tx, act, id)
  })
}

/** By any coordinator, without a code: it only closes. What is over already stays as it ended. */
export function closeDisclosure(act: Act, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    const [{ mandateId }] = await holdOwnCoordinators(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    const isOver = row.endedAt !== null || row.expiresAt <= act.now
    const by = { person: personOf(act.caller).delegateId, mandateId }
    if (!isOver) await endDisclosure(tx, act, row, by)
    return {}
  })
}

export function readDisclosedIdentity(act: Act, vault: Vault, id: string) {
  return readAnothersIdentity(act, vault, async (tx) => {
    await accessDisclosure(tx, act.caller, id)
    await holdOwnCoordinators(tx, act)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (!mayReadDisclosed(personOf(act.caller).delegateId, row)) {
      throw forbidden('This is open to the two coordinators who asked for it and granted it.')
    }
    if ((await holdStatus(tx, act, row)) !== 'granted') throw disclosureNotOpen()
    const delegate = await livingDelegate(beyond(tx), row.delegateId)
    if (!delegate) throw disclosureNotOpen()
    return { delegateId: row.delegateId, organisationId: delegate.organisationId, disclosureId: id }
  })
}

async function accessDisclosure(db: Db, caller: Caller, id: string): Promise<DisclosureRow> {
  const row = await disclosureById(db, id)
  if (!row || !mayReadDisclosure(caller, row)) throw disclosureNotFound()
  return row
}

type Coordinator = Awaited<ReturnType<typeof holdCoordinators>>[number]

/** The caller's mandates as a coordinator, at least one, each with the coordination that gave it. */
async function holdOwnCoordinators(tx: Tx, act: Act): Promise<[Coordinator, ...Coordinator[]]> {
  const own = coordinatorMandates(act.caller)
  for (const mandate of own) await holdStill(tx, act, mandate)
  const [first, ...others] = await holdCoordinators(beyond(tx), idsOf(own), act.now)
  if (first) return [first, ...others]
  throw forbidden('Two coordinators of two verified coordinations can do this, in an emergency.')
}

const idsOf = (mandates: readonly LiveMandate[]): string[] =>
  mandates.map(({ id }) => id).filter((id) => id !== null)

/** Both words are those of others' mandates, and are held: whoever recalls one comes before or waits. */
async function holdStatus(tx: Tx, act: Act, row: DisclosureRow) {
  const live = await holdCoordinators(beyond(tx), mandatesBehind(row), act.now)
  return statusOf(row, act.now, mandateIdsOf(live))
}

async function readWithin(tx: Tx, act: Act, id: string) {
  const row = await accessDisclosure(tx, act.caller, id)
  return present(row, act.now, await liveAmong(beyond(tx), [row], act.now))
}

/** Which of the words still count. Past the caller: whose mandates they are is not shown, only what became of it. */
const liveAmong = async (db: Db, rows: readonly DisclosureRow[], now: string): Promise<string[]> =>
  mandateIdsOf(await coordinatorsAmong(db, rows.flatMap(mandatesBehind), now))

const mandateIdsOf = (live: readonly { mandateId: string }[]): string[] =>
  live.map(({ mandateId }) => mandateId)

const present = (row: DisclosureRow, now: string, live: readonly string[]) => ({
  ...row,
  status: statusOf(row, now, live),
})
