/** Issuing of tokens. The callers decide who may have one. */
import type { Power, Scope } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf, daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { inserting } from '../../platform/database/inserts.ts'
import { mintSecret } from '../../platform/secrets.ts'
import { tokens, type TokenOrigin } from './tables.ts'

export const tokenDaysDefault = 30

export type Holder =
  | { kind: 'delegate'; delegateId: string; scopes: Scope[] }
  | { kind: 'client'; organisationId: string; scopes: Scope[]; powers: Power[] }
  | { kind: 'operator' }

const insertToken = inserting(tokens)

export type IssuedBy = { organisationId?: string | undefined; mandateId?: string | null | undefined }

/** Issues a token, records it, and returns its secret, which is not stored. */
export async function issueToken(tx: Tx, context: ActionContext, holder: TokenRequest, by: IssuedBy = {}) {
  const { secret, hash } = mintSecret('token')
  const { id, token } = await recordToken(tx, context, { ...holder, hash }, by)
  return { id, token: { secret, ...token } }
}

type TokenRequest = Holder & Provenance & { label: string; days?: number | undefined }

/** How the token was issued. */
export type Provenance = {
  origin?: TokenOrigin
  byAdministrator?: boolean
  parent?: Parent | undefined
}

/**
 * The token that created another, which is revoked with it; `expiresAt` is set if the other may not expire later
 * either.
 */
export type Parent = { id: string; expiresAt: string | null }

/** Inserts a token. Its holder is the person who presents the secret of this hash. */
export async function recordToken(
  tx: Tx,
  context: ActionContext,
  holder: TokenRequest & { hash: Buffer },
  by: IssuedBy = {},
) {
  const id = randomId()
  const expiresAt = earlierOf(
    daysAfter(context.now, holder.days ?? tokenDaysDefault),
    holder.parent?.expiresAt,
  )
  const grantedScopes = 'scopes' in holder ? holder.scopes : []
  record(tx, context, {
    type: 'token.minted',
    subjectId: id,
    subjectVersion: 1,
    ...by,
    details: { kind: holder.kind, scopes: grantedScopes },
  })
  await insertToken(tx, {
    hash: holder.hash,
    id,
    kind: holder.kind,
    delegateId: holder.kind === 'delegate' ? holder.delegateId : null,
    organisationId: holder.kind === 'client' ? holder.organisationId : null,
    createdByDelegateId: context.caller.kind === 'delegate' ? context.caller.delegateId : null,
    parentId: holder.parent?.id ?? null,
    origin: holder.origin ?? 'minted',
    byAdministrator: holder.byAdministrator ?? false,
    label: holder.label,
    scopes: grantedScopes,
    powers: holder.kind === 'client' ? holder.powers : [],
    createdAt: context.now,
    expiresAt,
    usedOn: dateOf(context.now),
  })
  return { id, token: { expiresAt, scopes: grantedScopes } }
}

/** RFC 3339 in UTC compares as text. */
export const earlierOf = (requested: string, atMost: string | null | undefined): string =>
  atMost && atMost < requested ? atMost : requested
