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
  readonly chargeRegistration?: (() => void) | undefined
}

/**
 * Locks until the transaction ends that by which the caller acts: the mandate or the client's token, and the state of the
 * organisation as it was when the caller was admitted. False when one of them has changed.
 */
export type LockAuthority = (tx: Tx, context: ActionContext, mandate: LiveMandate) => Promise<boolean>

/** A job acts for nobody: its authority is the rule that it carries out. */
export const systemContext = (db: Database, now: Date): ActionContext => ({
  db,
  read: db.read,
  caller: { kind: 'system' },
  now: now.toISOString(),
  requestId: randomId(),
  lockAuthority: () => Promise.resolve(false),
})

/**
 * The same act, carried out by the service itself: for those whose authority is not theirs before it is done, because
 * they only now register, or bring a secret that the action itself examines.
 */
export function asService(context: ActionContext): ActionContext {
  const db = context.db.as(systemRlsContext)
  return { ...context, db, read: db.read }
}

/**
 * Opens the action's transaction. With an Idempotency-Key, the answer of an earlier, equal request is returned in
 * place of doing the work again, to whom the authority is still given by which the work was done; and the answer of
 * this one is kept with the work that it tells of.
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

/** Policies that ask whether something is over yet (`service_now`) ask it by the service's clock. */
export const setInstant = (tx: Tx, now: string) =>
  tx.execute(sql`select set_config('pact.now', ${now}, true)`)

/**
 * Holds the mandate by which the caller acts until the transaction ends, so that a recall either comes first and
 * stops the act, or waits for it. Throws `otherwise` when there is no such mandate (any more).
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

/** What is said to whom has no mandate for it: under a seal nobody has one. */
export const withoutMandate = (caller: Caller, organisationId: string, otherwise: () => Problem): Problem =>
  isSealed(caller, organisationId) ? sealedOrganisations() : otherwise()

/** Holds a mandate that was already chosen, as a coordinator's is. */
export async function lockMandate(tx: Tx, context: ActionContext, mandate: LiveMandate): Promise<void> {
  // A recall, a suspension or a seal either comes first and stops the act, or waits for it.
  if (!(await context.lockAuthority(tx, context, mandate))) throw ended()
  context.once?.authorities.push(mandate)
}

/** Not the same mandates, but what they gave: whoever holds a new one of the same reach is who they were. */
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

/** Being verified takes nothing from an organisation; every other change of its standing does. */
const reachesAsFar = (held: LiveMandate, authority: LiveMandate): boolean =>
  held.organisationId === authority.organisationId &&
  [authority.organisationStatus, 'verified'].includes(held.organisationStatus) &&
  authority.powers.every((power) => held.powers.includes(power))

/**
 * Whose organisation is sealed makes no secrets, for themselves neither: the one device that is left may be taken.
 * `sealedSince`: those that were sealed after the caller was admitted.
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
