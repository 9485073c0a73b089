/**
 * The reasons that people give for what they do. They are free text, so they stand beside the ledger, where they can be
 * forgotten; the entry keeps a digest, which tells nothing once the salt is gone with the text.
 */
import { createHash } from 'node:crypto'
import { eq, inArray, isNotNull, lt, or } from 'drizzle-orm'
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { daysAfter } from '../clock.ts'
import { instant } from '../database/columns.ts'
import type { Tx } from '../database/database.ts'
import { personalDaysKept } from './objects.ts'
import { insertOf } from '../database/inserts.ts'

/** Without a reference to the entry: `truncate ledger` is refused by the ledger's own rule, and nothing else needs it. */
export const transitionReasons = pgTable(
  'transition_reasons',
  {
    entryId: uuid().primaryKey(),
    at: instant().notNull(),
    reason: text().notNull(),
    salt: uuid().notNull(),
    /** The delegate who wrote it; nobody for links, clients and what happens by rule. */
    writtenById: uuid(),
    /** The delegate whose mandate, participation or entry it speaks of. */
    aboutId: uuid(),
  },
  (t) => [
    index('transition_reasons_oldest').on(t.at),
    index('transition_reasons_by_writer').on(t.writtenById).where(isNotNull(t.writtenById)),
    index('transition_reasons_by_person').on(t.aboutId).where(isNotNull(t.aboutId)),
  ],
)

export type Reason = typeof transitionReasons.$inferInsert

/** The salt has always the same length, so no two pairs make one text. */
export const reasonDigestOf = ({ salt, reason }: { salt: string; reason: string }): string =>
  createHash('sha256').update(salt).update(reason, 'utf8').digest('hex')

export const insertReasons = insertOf(transitionReasons)

/** What the person wrote, and what was written of them. Beyond the caller: they need not be able to read it. */
export const deleteReasonsOf = (tx: Tx, delegateId: string) =>
  tx
    .delete(transitionReasons)
    .where(or(eq(transitionReasons.writtenById, delegateId), eq(transitionReasons.aboutId, delegateId)))

/** As long as the ledger says who it was. */
export async function deleteOldReasons(tx: Tx, now: string, limit: number): Promise<number> {
  const old = tx
    .select({ entryId: transitionReasons.entryId })
    .from(transitionReasons)
    .where(lt(transitionReasons.at, daysAfter(now, -personalDaysKept)))
    .orderBy(transitionReasons.at)
    .limit(limit)
  const { rowCount } = await tx.delete(transitionReasons).where(inArray(transitionReasons.entryId, old))
  return rowCount ?? 0
}
