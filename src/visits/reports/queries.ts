import { asc, eq } from 'drizzle-orm'
import type { Db } from '../../platform/database/database.ts'
import { visitReports } from './tables.ts'

export const reportsOfVisit = (db: Db, visitId: string) =>
  db.select().from(visitReports).where(eq(visitReports.visitId, visitId)).orderBy(asc(visitReports.id))
