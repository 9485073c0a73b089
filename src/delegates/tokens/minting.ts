/** How a token comes to be; who may have one is decided by those who ask for it. */
import type { Power, Scope } from '../../platform/access.ts'
import type { Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { inserting } from '../../platform/prepared.ts'
import { mintSecret } from '../../platform/secrets.ts'
import { tokens } from './tables.ts'

export const tokenDaysDefault = 30

export type Holder =
  | { kind: 'delegate'; delegateId: string; scopes: Scope[] }
  | { kind: 'client'; organisationId: string; scopes: Scope[]; powers: Power[] }
  | { kind: 'operator' }

const insertToken = inserting(tokens)

export type By = { organisationId?: string | undefined; mandateId?: string | null | undefined }

/** Makes a token, records it, and returns its secret, which is not kept. */
export async function issueToken(tx: Tx, act: Act, holder: Described, by: By = {}) {
  const { secret, hash } = mintSecret('token')
  const { id, token } = await insertHeld(tx, act, { ...holder, hash }, by)
  return { id, token: { secret, ...token } }
}

type Described = Holder & { label: string; days?: number | undefined }

/** Whoever shows what this is the hash of is the holder. */
export async function insertHeld(tx: Tx, act: Act, holder: Described & { hash: Buffer }, by: By = {}) {
  const id = blindId()
  const expiresAt = daysAfter(act.now, holder.days ?? tokenDaysDefault)
  const held = 'scopes' in holder ? holder.scopes : []
  await Promise.all([
    insertToken(tx, {
      hash: holder.hash,
      id,
      kind: holder.kind,
      delegateId: holder.kind === 'delegate' ? holder.delegateId : null,
      organisationId: holder.kind === 'client' ? holder.organisationId : null,
      createdByDelegateId: act.caller.kind === 'delegate' ? act.caller.delegateId : null,
      label: holder.label,
      scopes: held,
      powers: holder.kind === 'client' ? holder.powers : [],
      createdAt: act.now,
      expiresAt,
    }),
    record(tx, act, {
      type: 'token.minted',
      subjectId: id,
      subjectVersion: 1,
      ...by,
      details: { kind: holder.kind, scopes: held },
    }),
  ])
  return { id, token: { expiresAt, scopes: held } }
}
