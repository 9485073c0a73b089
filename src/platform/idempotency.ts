/**
 * `Idempotency-Key`: the same request sent again is answered again, not carried out again, for 24 hours.
 *
 * An answer may hold a secret that is shown once, so it is kept sealed with a key made from the Idempotency-Key
 * and the caller's credential, neither of which is kept: a stolen table opens nothing.
 *
 * The authority by which the work was done is sealed in with its answer, and a replay must show it again: a delegate
 * who was recalled since then must not read what an answer told, least of all a secret that it holds.
 *
 * Nobody can tell whom a sealed answer names. So whenever a person is erased, all of them are emptied; what stays is that
 * the request was carried out, so that it is not carried out twice.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { eq, inArray, isNotNull, lt, sql } from 'drizzle-orm'
import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import type { LiveMandate } from './access.ts'
import { hoursAfter } from './clock.ts'
import { byteString, instant } from './columns.ts'
import type { Tx } from './database.ts'
import { refusal } from './problems.ts'

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    hash: byteString().primaryKey(),
    fingerprint: byteString().notNull(),
    /** Null since somebody was erased, whom it may have named. */
    answer: byteString(),
    /** The person who asked, so that what was answered to them can be erased with them. */
    delegateId: uuid(),
    expiresAt: instant().notNull(),
  },
  (t) => [
    index('idempotency_keys_by_delegate')
      .on(t.delegateId)
      .where(sql`delegate_id is not null`),
  ],
)

/** One request's key: where its answer is kept, what it must equal, and what opens it. */
export type Once = {
  readonly hash: Buffer
  readonly fingerprint: Buffer
  readonly sealingKey: Buffer
  /** By which mandates the work was done; `act.ts` adds each one that it holds. */
  authorities: LiveMandate[]
  /** Told to the client as `Idempotency-Replayed: true`. */
  replayed: boolean
}

const keptHours = 24
const nonceBytes = 12
const tagBytes = 16

const keyReused = refusal({
  status: 422,
  code: 'idempotency_key_reused',
  title: 'This Idempotency-Key was used for another request',
  advice: 'Use a new key for a new request; use the old one only to repeat the very same request.',
})

const stillRunning = refusal({
  status: 409,
  code: 'idempotency_in_progress',
  title: 'The first request with this Idempotency-Key is still being carried out',
  advice: 'Wait a moment and send the same request again.',
})

const answerForgotten = refusal({
  status: 409,
  code: 'answer_forgotten',
  title: 'This request was carried out, and its answer is kept no longer',
  advice:
    'Read again what is there: it was carried out once, and is not carried out twice. Use a new key for a new request.',
})

export function onceFor(request: {
  credential: string
  key: string
  method: string
  url: string
  body: unknown
}): Once {
  const { credential, key } = request
  return {
    hash: digest('key', credential, key),
    fingerprint: digest('request', request.method, request.url, JSON.stringify(request.body ?? null)),
    sealingKey: Buffer.from(hkdfSync('sha256', key, credential, 'solidarity-pact idempotent answer', 32)),
    authorities: [],
    replayed: false,
  }
}

type Kept = { answer: object; authorities: readonly LiveMandate[] }

/** `confirm` throws when the caller has no longer the authority by which the kept answer came about. */
export async function answerOnce<T extends object>(
  tx: Tx,
  now: string,
  once: Once,
  {
    work,
    confirm,
    delegateId,
  }: {
    delegateId: string | null
    work: () => Promise<T>
    confirm: (held: readonly LiveMandate[]) => Promise<void>
  },
): Promise<T> {
  await lock(tx, once)
  const earlier = await keptAnswer(tx, now, once)
  if (earlier) {
    await confirm(earlier.authorities)
    once.replayed = true
    return earlier.answer as T
  }
  // A second attempt, after a deadlock, holds its mandates anew.
  once.authorities = []
  const answer = await work()
  await tx.insert(idempotencyKeys).values({
    hash: once.hash,
    fingerprint: once.fingerprint,
    delegateId,
    answer: seal({ answer, authorities: once.authorities }, once.sealingKey),
    expiresAt: hoursAfter(now, keptHours),
  })
  return answer
}

/** Empties what was answered to anybody, because somebody is being erased whom it may name. A day's answers are few. */
export async function emptyAnswers(tx: Tx): Promise<void> {
  await tx.update(idempotencyKeys).set({ answer: null }).where(isNotNull(idempotencyKeys.answer))
}

/** Removes even that they asked: who is being erased repeats nothing. */
export async function forgetAnswersTo(tx: Tx, delegateId: string): Promise<void> {
  await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.delegateId, delegateId))
}

/** Removes answers that nobody may ask for any more. */
export async function forgetAnswers(tx: Tx, now: string, limit: number): Promise<number> {
  const over = tx
    .select({ hash: idempotencyKeys.hash })
    .from(idempotencyKeys)
    .where(lt(idempotencyKeys.expiresAt, now))
    .limit(limit)
    .for('update', { skipLocked: true })
  const { rowCount } = await tx.delete(idempotencyKeys).where(inArray(idempotencyKeys.hash, over))
  return rowCount ?? 0
}

async function lock(tx: Tx, once: Once): Promise<void> {
  const { rows } = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(${once.hash.readBigInt64BE()}) as locked`,
  )
  if (!rows[0]?.locked) throw stillRunning()
}

async function keptAnswer(tx: Tx, now: string, once: Once): Promise<Kept | undefined> {
  const [kept] = await tx.select().from(idempotencyKeys).where(eq(idempotencyKeys.hash, once.hash))
  if (!kept) return undefined
  if (kept.expiresAt <= now) {
    await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.hash, once.hash))
    return undefined
  }
  if (!kept.fingerprint.equals(once.fingerprint)) throw keyReused()
  if (kept.answer === null) throw answerForgotten()
  return unseal(kept.answer, once.sealingKey)
}

function seal(kept: Kept, key: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(kept), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

function unseal(bytes: Buffer, key: Buffer): Kept {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  const opened = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
  return JSON.parse(opened.toString('utf8')) as Kept
}

function digest(...parts: string[]): Buffer {
  const hash = createHash('sha256')
  // Each part is preceded by its length, so that no two lists of parts give the same bytes.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest()
}
