/**
 * `Idempotency-Key`: for 24 hours an equal request gets the stored answer and is not carried out again.
 *
 * A stored answer is encrypted with a key made of the Idempotency-Key and the lasting part of the caller's
 * credential. Neither is stored, so a stolen table cannot be decrypted. An answer with a secret, which is shown once,
 * is encrypted with the exact access token instead of the account. After the token is renewed, the client learns that
 * the request was carried out, but not the secret.
 *
 * The mandates by which the work was done are encrypted with the answer, and a replay must still have them: a
 * delegate who was recalled must not read the answer, least of all a secret in it.
 *
 * An encrypted answer does not show which person it names. So an erasure of any person empties all answers. The
 * record that the request was carried out stays, so that it is not carried out twice.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { eq, isNotNull, sql } from 'drizzle-orm'
import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import type { Credential, LiveMandate } from '../access.ts'
import { canonicalJson } from '../wire/canonical-json.ts'
import { hoursAfter } from '../clock.ts'
import { byteString, instant } from '../database/columns.ts'
import { insertAtCommit, type Tx } from '../database/database.ts'
import { insertOf } from '../database/inserts.ts'
import { build, prepared } from '../database/prepared.ts'
import { refusal } from '../problems.ts'
import { holdsSecret } from '../secrets.ts'
import { deleteOldest } from '../database/delete-oldest.ts'

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    hash: byteString().primaryKey(),
    fingerprint: byteString().notNull(),
    /** Null after an erasure: the answer may have named the erased person. */
    answer: byteString(),
    /** The caller, so that an erasure of the person also deletes their records. */
    delegateId: uuid(),
    expiresAt: instant().notNull(),
  },
  (t) => [
    index('idempotency_keys_by_delegate')
      .on(t.delegateId)
      .where(sql`delegate_id is not null`),
    index('idempotency_keys_expiring').on(t.expiresAt),
  ],
)

/** Whether any request of the caller can decrypt the answer, or only one with the exact same secret. */
type KeyedTo = 'caller' | 'secret'

/**
 * What belongs to one key: where its answer is stored, the fingerprint of the request, and the key that decrypts it.
 */
export type Once = {
  readonly hash: Buffer
  readonly fingerprint: Buffer
  readonly encryptionKeys: Readonly<Record<KeyedTo, Buffer>>
  /** The mandates by which the work was done; `lockMandate` adds each one that it locks. */
  authorities: LiveMandate[]
  /** Sent to the client as `Idempotency-Replayed: true`. */
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

/** The key, with or without quotes around it. Undefined when it is malformed. */
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
    // Keyed, so that a stolen table does not allow guessing the request.
    fingerprint: digest('request', credential.lasting, key, canonicalJson(asJson(asked))),
    encryptionKeys: { caller: encryptionKey(credential.lasting), secret: encryptionKey(credential.exact) },
    authorities: [],
    replayed: false,
  }
}

/** Drops undefined values, which JSON cannot express. */
const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value))

type Kept = { answer: object; authorities: readonly LiveMandate[] }

/** `confirm` throws when the caller no longer has the authority by which the stored answer was made. */
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
  // Sent in one write. The second statement has a snapshot of its own, which sees what the first waited for.
  const [, kept] = await Promise.all([lock(tx, once), keptRow(tx, once)])
  const earlier = kept && (await openKept(tx, now, once, kept))
  if (earlier) {
    await confirm(earlier.authorities)
    once.replayed = true
    return earlier.answer as T
  }
  // A second attempt after a deadlock locks its mandates again.
  once.authorities = []
  const answer = await work()
  insertAtCommit(tx, insertKept, {
    hash: once.hash,
    fingerprint: once.fingerprint,
    delegateId,
    answer: encrypt({ answer, authorities: once.authorities }, once.encryptionKeys),
    expiresAt: hoursAfter(now, keptHours),
  })
  return answer
}

/**
 * Empties all stored answers, because each may name the person who is being erased. There is at most one day of them.
 */
export async function emptyAnswers(tx: Tx): Promise<void> {
  await tx.update(idempotencyKeys).set({ answer: null }).where(isNotNull(idempotencyKeys.answer))
}

/** Deletes the person's idempotency records: an erased person cannot retry. */
export async function deleteAnswersTo(tx: Tx, delegateId: string): Promise<void> {
  await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.delegateId, delegateId))
}

/** Deletes expired records. */
export async function deleteAnswers(tx: Tx, now: string, limit: number): Promise<number> {
  const { hash: id, expiresAt: at } = idempotencyKeys
  return deleteOldest(tx, { table: idempotencyKeys, id, at }, now, limit)
}

/** Throws 409 while another transaction has the key. */
async function lock(tx: Tx, once: Once): Promise<void> {
  const text = 'select pg_try_advisory_xact_lock($1) as locked'
  const { rows } = await tx.$client.query({ text, rowMode: 'array' }, [once.hash.readBigInt64BE()])
  if (!(rows[0] as [boolean])[0]) throw stillRunning(undefined, { retryAfterSeconds: runningSeconds })
}

const keptRows = prepared(
  'kept_answer',
  build
    .select({
      fingerprint: idempotencyKeys.fingerprint,
      answer: idempotencyKeys.answer,
      expiresAt: idempotencyKeys.expiresAt,
    })
    .from(idempotencyKeys)
    .where(eq(idempotencyKeys.hash, sql.placeholder('hash'))),
)

type KeptRow = Awaited<ReturnType<typeof keptRows>>[number]

const insertKept = insertOf(idempotencyKeys)

async function keptRow(tx: Tx, { hash }: Once): Promise<KeptRow | undefined> {
  const [row] = await keptRows(tx, { hash })
  return row
}

async function openKept(tx: Tx, now: string, once: Once, kept: KeptRow): Promise<Kept | undefined> {
  if (kept.expiresAt <= now) {
    await tx.delete(idempotencyKeys).where(eq(idempotencyKeys.hash, once.hash))
    return undefined
  }
  if (!kept.fingerprint.equals(once.fingerprint)) throw keyReused()
  if (kept.answer === null) throw answerForgotten()
  return decrypt(kept.answer, once.encryptionKeys)
}

/** The first byte of a stored answer: which key decrypts it. */
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
    // The caller matches, so it is the access token that differs.
    if (isForSecret) throw answerWithheld()
    throw error
  }
}

function digest(...parts: string[]): Buffer {
  const hash = createHash('sha256')
  // A length before each part, so that no two lists of parts give the same bytes.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest()
}
