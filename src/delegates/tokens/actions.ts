import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Caller } from '../../platform/access.ts'
import { demandUnsealed, holdMandate, transaction, type Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { record, recordAll } from '../../platform/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import { tokenNotFound } from '../problems.ts'
import { issueToken, tokenDaysDefault, type Holder } from './minting.ts'
import { deleteDeadEnrolmentLinks, deleteTokensDeadSince, tokenById } from './queries.ts'
import type { MintToken } from './schemas.ts'
import { tokens } from './tables.ts'

const operatorTokenDays = 365

/** A delegate mints for themselves, never with more than the token they hold; a secretary for the organisation. */
export function mintToken(act: Act, input: MintToken) {
  return transaction(act, async (tx) => {
    demandUnsealed(act.caller)
    const lacking = input.scopes.find(
      (scope) => !('scopes' in act.caller && act.caller.scopes.includes(scope)),
    )
    if (lacking)
      throw forbidden(
        `Your own token lacks the scope ${lacking}, so it cannot give it. Leave it out, or use a token that has it.`,
      )
    const { organisationId, label, days } = input
    const mandate = organisationId && (await holdMandate(tx, act, organisationId, 'administer'))
    const holder = organisationId ? clientHolder(organisationId, input) : ownHolder(act.caller, input)
    const by = { organisationId, mandateId: mandate ? mandate.id : null }
    const issued = await issueToken(tx, act, { ...holder, label, days }, by)
    return { ...(await accessToken(tx, act.caller, issued.id)), secret: issued.token.secret }
  })
}

function ownHolder(caller: Caller, input: MintToken): Holder {
  if (caller.kind !== 'delegate') throw forbidden('Only a delegate can mint a token for themselves.')
  return { kind: 'delegate', delegateId: caller.delegateId, scopes: input.scopes }
}

function clientHolder(organisationId: string, input: MintToken): Holder {
  return { kind: 'client', organisationId, scopes: input.scopes, powers: input.powers ?? [] }
}

export async function accessToken(db: Db, caller: Caller, id: string) {
  const row = await tokenById(db, caller, id)
  if (!row) throw tokenNotFound()
  return row
}

/** Asked twice, it answers twice the same: a token that is dead stays dead. */
export function revokeToken(act: Act, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    const row = await accessToken(tx, act.caller, id)
    const mandateId = await holdRightToRevoke(tx, act, row)
    const revoked = await tx
      .update(tokens)
      .set({ revokedAt: act.now })
      .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
      .returning({ id: tokens.id })
    if (revoked.length > 0) {
      const organisationId = row.organisation?.id
      await record(tx, act, {
        type: 'token.revoked',
        subjectId: id,
        subjectVersion: 2,
        organisationId,
        mandateId,
      })
    }
    return {}
  })
}

type Revocable = { id: string; organisation: { id: string } | null }

/** A token always ends itself; another's end takes a person with the scope, and for a client the power. */
async function holdRightToRevoke(tx: Tx, act: Act, { id, organisation }: Revocable): Promise<string | null> {
  const { caller } = act
  if ('tokenId' in caller && caller.tokenId === id) return null
  if (caller.kind !== 'delegate')
    throw forbidden('This token can revoke only itself. Ask a delegate to do it.')
  if (!caller.scopes.includes('delegates:write')) {
    throw forbidden('The token lacks the scope delegates:write. Use one that has it.')
  }
  return organisation === null ? null : (await holdMandate(tx, act, organisation.id, 'administer')).id
}

/** Returns the operator's first token, once in the life of a database; undefined ever after. */
export async function firstOperatorToken(act: Act): Promise<string | undefined> {
  const made = await transaction(act, async (tx): Promise<{ secret?: string }> => {
    await tx.execute(sql`lock table ${tokens} in share row exclusive mode`)
    const existing = await tx
      .select({ id: tokens.id })
      .from(tokens)
      .where(eq(tokens.kind, 'operator'))
      .limit(1)
    return existing.length > 0 ? {} : mintForOperator(tx, act)
  })
  return made.secret
}

/** For an operator who lost theirs and has the shell: the older ones stop working. */
export async function replaceOperatorToken(act: Act): Promise<string> {
  const made = await transaction(act, async (tx) => {
    const older = await tx
      .update(tokens)
      .set({ revokedAt: act.now })
      .where(and(eq(tokens.kind, 'operator'), isNull(tokens.revokedAt)))
      .returning({ id: tokens.id })
    await recordAll(
      tx,
      act,
      older.map(({ id }) => ({ type: 'token.revoked', subjectId: id, subjectVersion: 2 })),
    )
    return mintForOperator(tx, act)
  })
  return made.secret
}

async function mintForOperator(tx: Tx, act: Act): Promise<{ secret: string }> {
  const holder = { kind: 'operator', label: 'operator', days: operatorTokenDays } as const
  const { token } = await issueToken(tx, act, holder)
  return { secret: token.secret }
}

/** Removes what can no longer be used: expired tokens and spent, revoked or expired links. */
export async function forgetDeadSecrets(tx: Tx, now: string, limit: number): Promise<number> {
  const counts = [
    await deleteTokensDeadSince(tx, daysAfter(now, -tokenDaysDefault), limit),
    await deleteDeadEnrolmentLinks(tx, now, limit),
  ]
  return Math.max(...counts)
}
