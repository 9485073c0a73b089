/** What every action is given: the database, who acts, when, and under which request. */
import { systemRlsContext } from '../database/rls-context.ts'
import { sql } from 'drizzle-orm'
import { mandateFor, mandatesOf, type Caller, type LiveMandate, type Power } from '../access.ts'
import type { Database, Db, Tx } from '../database/database.ts'
import { answerOnce, type Once } from './idempotency.ts'
import { randomId } from '../ids.ts'
import { forbidden, type Problem } from '../problems.ts'

export type ActionContext = {
  readonly db: Database
  /** The pipelined reads. */
  readonly read: Db
  readonly caller: Caller
  /** RFC 3339; one instant for the whole request, so that all it writes agrees. */
  readonly now: string
  readonly requestId: string
  /** Supplied by the feature that keeps mandates and tokens. */
  readonly lockAuthority: LockAuthority
  /** Present when the request carries an Idempotency-Key. */
  readonly once?: Once | undefined
  /** Counts a registration for its address. Called when it is carried out, so that a repeated request is not counted. */
  readonly chargeRegistration?: (() => void | Promise<void>) | undefined
}

/**
 * Locks the mandate or the client's token by which the caller acts, and the state of the organisation, until the
 * transaction ends. Returns false when one of them has changed since the caller was admitted.
 */
export type LockAuthority = (tx: Tx, context: ActionContext, mandate: LiveMandate) => Promise<boolean>

/** A job acts for nobody. The rule that it carries out is its authority. */
export const systemContext = (db: Database, now: Date): ActionContext => ({
  db,
  read: db.read,
  caller: { kind: 'system' },
  now: now.toISOString(),
  requestId: randomId(),
  lockAuthority: () => Promise.resolve(false),
})

/**
 * The same context as the service itself. For callers who get their authority only by this action: they register, or
 * bring a secret that the action checks.
 */
export function asService(context: ActionContext): ActionContext {
  const db = context.db.as(systemRlsContext)
  return { ...context, db, read: db.read }
}

/**
 * Opens the action's transaction. With an Idempotency-Key it returns the stored answer of an earlier, equal request,
 * if the caller still has the authority by which the work was done. It stores the answer of this request in the same
 * transaction.
 */
export function transaction<T extends object>(
  context: ActionContext,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const { once } = context
  if (!once) return context.db.transaction(work)
  return context.db.transaction((tx) =>
    answerOnce(tx, context.now, once, {
      delegateId: context.caller.kind === 'delegate' ? context.caller.delegateId : null,
      work: () => work(tx),
      confirm: (authorities) => confirmAll(tx, context, authorities),
    }),
  )
}

/** Policies that check a time (`service_now`) use the service's clock. */
export const setInstant = (tx: Tx, now: string) =>
  tx.execute(sql`select set_config('pact.now', ${now}, true)`)

/**
 * Locks the mandate by which the caller acts until the transaction ends: a recall either comes first and stops the
 * action, or waits. Throws `otherwise` when there is no such mandate.
 */
export async function requireMandate(
  tx: Tx,
  context: ActionContext,
  organisationId: string,
  power: Power,
  otherwise: () => Problem = () => lacking(power),
): Promise<LiveMandate> {
  const mandate = mandateFor(context.caller, organisationId, power)
  if (!mandate) throw withoutMandate(context.caller, organisationId, otherwise)
  await lockMandate(tx, context, mandate)
  return mandate
}

/** The refusal for callers without a mandate. Under a seal nobody has one. */
export const withoutMandate = (caller: Caller, organisationId: string, otherwise: () => Problem): Problem =>
  isSealed(caller, organisationId) ? sealedOrganisations() : otherwise()

/** Locks a mandate that was already chosen, such as a coordinator's. */
export async function lockMandate(tx: Tx, context: ActionContext, mandate: LiveMandate): Promise<void> {
  // A recall, a suspension or a seal either comes first and stops the action, or waits for it.
  if (!(await context.lockAuthority(tx, context, mandate))) throw ended()
  context.once?.authorities.push(mandate)
}

/**
 * Compares what the mandates give, not their ids: a new mandate with the same powers counts as the same authority.
 */
async function confirmAll(
  tx: Tx,
  context: ActionContext,
  authorities: readonly LiveMandate[],
): Promise<void> {
  for (const authority of authorities) {
    const mandate = mandatesOf(context.caller).find((held) => reachesAsFar(held, authority))
    if (!mandate) throw ended()
    await lockMandate(tx, context, mandate)
  }
}

/** Verification takes no rights from an organisation; every other change of its status does. */
const reachesAsFar = (held: LiveMandate, authority: LiveMandate): boolean =>
  held.organisationId === authority.organisationId &&
  [authority.organisationStatus, 'verified'].includes(held.organisationStatus) &&
  authority.powers.every((power) => held.powers.includes(power))

/**
 * Refuses to create secrets for people of a sealed organisation, also for themselves: somebody may have seized the
 * last device. `sealedSince`: organisations that were sealed after the caller was admitted.
 */
export function requireUnsealed(caller: Caller, sealedSince: readonly string[] = []): void {
  const own = mandatesOf(caller)
  if (own.some((mandate) => mandate.sealed || sealedSince.includes(mandate.organisationId)))
    throw sealedOrganisations()
}

const isSealed = (caller: Caller, organisationId: string): boolean =>
  mandatesOf(caller).some((mandate) => mandate.organisationId === organisationId && mandate.sealed)

const sealedOrganisations = (): Problem =>
  forbidden(
    'The organisation is sealed, so nothing of it is changed, and nothing private opened. Two persons lift the seal: POST /v1/organisations/{id}/seal/liftings.',
  )

const ended = (): Problem => forbidden('Your authority has ended. Read /v1/me to see what you may still do.')

const lacking = (power: Power): Problem =>
  forbidden(`This needs a live mandate with the power "${power}". Ask the organisation's secretary for it.`)
