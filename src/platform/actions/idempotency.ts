/**
 * `Idempotency-Key`: the same request sent again is answered again, not carried out again, for 24 hours.
 *
 * An answer is kept encrypted with a key made from the Idempotency-Key and what lasts of the caller's credential, neither of
 * which is kept: a stolen table opens nothing. One that holds a secret, which is shown once, is encrypted with the very
 * access token in place of the account: whoever renews it is told that the request was carried out, and not the secret.
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
import type { Credential, LiveMandate } from '../access.ts'
import { canonicalJson } from '../wire/canonical-json.ts'
import { hoursAfter } from '../clock.ts'
import { byteString, instant } from '../database/columns.ts'
import type { Tx } from '../database/database.ts'
import { refusal } from '../problems.ts'
import { holdsSecret } from '../secrets.ts'

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

/** Whether an answer is opened by every request of its caller, or by the very secret that asked. */
type KeyedTo = 'caller' | 'secret'

/** One request's key: where its answer is kept, what it must equal, and what opens it. */
export type Once = {
  readonly hash: Buffer
  readonly fingerprint: Buffer
  readonly encryptionKeys: Readonly<Record<KeyedTo, Buffer>>
  /** The mandates by which the work was done; `lockMandate` adds each one that it locks. */
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
  advice: 'Use a new key for a new request. Use the old key only to repeat exactly the same request.',
})

const stillRunning = refusal({
  status: 409,
  code: 'idempotency_in_progress',
  title: 'The first request with this Idempotency-Key is still running',
  advice: 'Wait for the number of seconds in Retry-After, then send the same request again.',
})
const runningSeconds = 1

const answerWithheld = refusal({
  status: 409,
  code: 'answer_withheld',
  title: 'This request was carried out with another access token',
  advice:
    'The answer contains a secret, which is shown only to the access token that requested it; yours was renewed since then. If you did not receive the secret, revoke what was created, and create it again with a new Idempotency-Key.',
})

const answerForgotten = refusal({
  status: 409,
  code: 'answer_forgotten',
  title: 'This request was carried out, and its answer was deleted',
  advice:
    'The request is not carried out a second time. Read the current state. Use a new key for a new request.',
})

/** A string of structured fields (RFC 9651), as the draft of the header writes it. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
const keyPattern = /^[\x21-\x7e]{16,255}$/

/** The key, which is the same with quotes around it and without. Undefined when it is malformed. */
export function idempotencyKeyIn(header: string): string | undefined {
  const key = header.startsWith('"') ? quoted.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1') : header
  return key !== undefined && keyPattern.test(key) ? key : undefined
}

export function onceFor(request: { credential: Credential; key: string; asked: object }): Once {
  const { credential, key, asked } = request
  const encryptionKey = (secret: string) =>
    Buffer.from(hkdfSync('sha256', key, secret, 'solidarity-pact idempotent answer', 32))
  return {
    hash: digest('key', credential.lasting, key),
    // With the key, so that nobody who steals the table tries out what was asked.
    fingerprint: digest('request', credential.lasting, key, canonicalJson(asJson(asked))),
    encryptionKeys: { caller: encryptionKey(credential.lasting), secret: encryptionKey(credential.exact) },
    authorities: [],
    replayed: false,
  }
}

/** Without what is undefined, which JSON does not know. */
const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value))

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
    answer: encrypt({ answer, authorities: once.authorities }, once.encryptionKeys),
    expiresAt: hoursAfter(now, keptHours),
  })
  return answer
}

/** Empties what was answered to anybody, because somebody is being erased whom it may name. A day's answers are few. */
export async function emptyAnswers(tx: Tx): Promise<void> {
  await tx.update(idempotencyKeys).set({ answer: null }).where(isNotNull(idempotencyKeys.answer))
}

/** Removes even that they asked: who is being erased repeats nothing. */
export async function deleteAnswersTo(tx: Tx, delegateId: string): Promise<void> {
  await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.delegateId, delegateId))
}

/** Removes answers that nobody may ask for any more. */
export async function deleteAnswers(tx: Tx, now: string, limit: number): Promise<number> {
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
  if (!rows[0]?.locked) throw stillRunning(undefined, { retryAfterSeconds: runningSeconds })
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
  return decrypt(kept.answer, once.encryptionKeys)
}

/** The first byte of what is kept: by which key it is opened. */
const markOf: Readonly<Record<KeyedTo, number>> = { caller: 0, secret: 1 }

function encrypt(kept: Kept, keys: Once['encryptionKeys']): Buffer {
  const text = JSON.stringify(kept)
  const keyedTo = holdsSecret(text) ? 'secret' : 'caller'
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keys[keyedTo], nonce)
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.from([markOf[keyedTo]]), nonce, cipher.getAuthTag(), encrypted])
}

function decrypt(bytes: Buffer, keys: Once['encryptionKeys']): Kept {
  const isForSecret = bytes[0] === markOf.secret
  const body = bytes.subarray(1)
  const decipher = createDecipheriv(
    'aes-256-gcm',
    isForSecret ? keys.secret : keys.caller,
    body.subarray(0, nonceBytes),
  )
  decipher.setAuthTag(body.subarray(nonceBytes, nonceBytes + tagBytes))
  const text = decipher.update(body.subarray(nonceBytes + tagBytes), undefined, 'utf8')
  try {
    return JSON.parse(text + decipher.final('utf8')) as Kept
  } catch (error) {
    // The hash of the caller fits, so what differs is the access token.
    if (isForSecret) throw answerWithheld()
    throw error
  }
}

function digest(...parts: string[]): Buffer {
  const hash = createHash('sha256')
  // Each part is preceded by its length, so that no two lists of parts give the same bytes.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest()
}
