/**
 * Rotates data keys while the service runs, one subject after another. A subject whose values cannot be decrypted is reported
 * and keeps its old key. After an interruption the rotation continues.
 */
import { asService, type ActionContext } from '../actions/action-context.ts'
import type { Tx } from '../database/database.ts'
import { everyMinute, type Job, type Report } from '../jobs/queue.ts'
import { tookTooLong } from '../database/sqlstate.ts'
import { requireAllBy, isValueStuck, decryptAll, encryptAll } from './reencryption.ts'
import type { Batch, Rotation, Stuck } from './store.ts'
import type { Subject } from './subjects.ts'
import type { Vault } from './vault.ts'

const batchMax = 50

/** Any worker continues a rotation that `keys rotate` started. Two at once do no harm. */
export const rotationJob = (vault: Vault): Job => ({
  name: 'vault.rotate',
  cron: everyMinute,
  run: async (context, _payload, tell) => {
    await rotate(context, vault, tell)
    await deleteSupersededKeys(context, vault, tell)
  },
})

/**
 * Also looks at finished rotations, for subjects that were stuck: after they write the value again, their turn comes.
 * `subjectsMax` ends it early, as a kill would.
 */
export async function rotate(
  context: ActionContext,
  vault: Vault,
  tell: Report,
  subjectsMax = Infinity,
): Promise<void> {
  const [rotation] = await vault.store.rotations()
  if (!rotation || isComplete(rotation)) return
  const now = context.now > rotation.startedAt ? context.now : rotation.startedAt
  await forEachSubject(
    (batch) => vault.store.unrotated(rotation, batch),
    async (subject) => {
      const { done } = await tryReencrypt({ ...context, now }, vault, subject, tell, rotation)
      if (done) await vault.store.countRotated(rotation, 1)
    },
    subjectsMax,
  )
  const left = await vault.store.unrotated(rotation, { limit: 1, after: undefined })
  if (left.length === 0) await vault.store.finishRotation(rotation, now)
}

const isComplete = ({ finishedAt, done, total }: Rotation): boolean => finishedAt !== null && done >= total

/** Completes removals that were interrupted, or that a job made. */
export async function deleteSupersededKeys(
  context: ActionContext,
  vault: Vault,
  tell: Report,
): Promise<void> {
  await forEachSubject(
    (batch) => vault.store.superseded(batch),
    (subject) => tryReencrypt(context, vault, subject, tell),
  )
}

/**
 * After a removal renewed the key: encrypts the remaining values again and deletes the older keys, so that no backup
 * of the main database can show the removed value. If that fails now, the job does it within a minute and logs it.
 */
export async function deleteOlderKeys(context: ActionContext, vault: Vault, subject: Subject): Promise<void> {
  await reencrypt(context, vault, subject, leftToTheJob).catch(() => undefined)
}

/** Processes the subjects one after another. Failed ones are left for the next round. */
async function forEachSubject(
  next: (batch: Batch) => Promise<Subject[]>,
  carryOut: (subject: Subject) => Promise<unknown>,
  subjectsMax = Infinity,
): Promise<void> {
  let after: string | undefined
  for (let tried = 0; tried < subjectsMax;) {
    const batch = await next({ limit: Math.min(batchMax, subjectsMax - tried), after })
    for (const subject of batch) await carryOut(subject)
    after = batch.at(-1)?.id
    if (after === undefined) return
    tried += batch.length
  }
}

/** False also when another process has done it. */
async function tryReencrypt(
  context: ActionContext,
  vault: Vault,
  subject: Subject,
  tell: Report,
  rotation?: Rotation,
): Promise<{ done: boolean }> {
  try {
    const note: Note = (stuck) => vault.store.noteStuck(subject, stuck, context.now)
    return { done: await reencrypt(context, vault, subject, note, rotation?.startedAt) }
  } catch (error) {
    // Without a database it cannot continue. A timeout is retried in the next round.
    if (!isValueStuck(error) && !tookTooLong(error)) throw error
    tell(error)
    return { done: false }
  }
}

type Note = (stuck: Stuck) => Promise<unknown>
const leftToTheJob: Note = () => Promise.resolve()

/**
 * A transaction that encrypts a value locks the subject until it ends, so this finds every value. A later one uses
 * the new key. The older keys are deleted after the commit: an interruption before that loses nothing.
 */
async function reencrypt(
  context: ActionContext,
  vault: Vault,
  subject: Subject,
  note: Note,
  renewSince?: string,
): Promise<boolean> {
  const { before, dropped } = await asService(context).db.transaction(async (tx) => {
    await vault.lockSubject(tx, subject)
    return reencryptLocked(tx, context, vault, subject, renewSince).catch(async (error: unknown) => {
      // Under the lock: a transaction that writes the value again releases it, and must come after this.
      if (isValueStuck(error)) await note(error.stuck)
      throw error
    })
  })
  return before > 0 ? vault.dropKeys(subject, before) : dropped
}

/** Makes a new key only if all values can be decrypted, and only once per rotation. */
async function reencryptLocked(
  tx: Tx,
  context: ActionContext,
  vault: Vault,
  subject: Subject,
  renewSince: string | undefined,
): Promise<{ before: number; dropped: boolean }> {
  const held = await vault.store.keysOf(subject.id)
  if (held.length === 0 || (held.length === 1 && !isOlderThan(held[0], renewSince)))
    return { before: 0, dropped: false }
  const values = await decryptAll(tx, vault, subject)
  // No value uses this key, and none can while the subject is locked.
  if (values.length === 0) return { before: 0, dropped: await dropAll(vault, subject, held) }
  if (renewSince !== undefined) await vault.renew(tx, subject, context.now, renewSince)
  const newest = Math.max(...(await vault.store.keysOf(subject.id)).map(({ version }) => version))
  await encryptAll(tx, await vault.encryptFor(tx, subject, context.now), values)
  await requireAllBy(tx, vault, subject, newest)
  return { before: newest, dropped: false }
}

const isOlderThan = (key: { createdAt: string } | undefined, since: string | undefined): boolean =>
  key !== undefined && since !== undefined && key.createdAt < since

const dropAll = (vault: Vault, subject: Subject, held: readonly { version: number }[]): Promise<boolean> =>
  vault.dropKeys(subject, Math.max(...held.map(({ version }) => version)) + 1)
