/** Every column that the vault seals, and whose key it is: what a rotation of the keys goes over. */
import { sql } from 'drizzle-orm'
import type { EncryptedTable } from './platform/vault/subjects.ts'

export const encryptedTables: readonly EncryptedTable[] = [
  {
    table: 'identities',
    columns: ['legal_name', 'phone', 'email', 'messenger', 'travel_document'],
    subject: { kind: 'person', column: 'delegate_id' },
  },
  { table: 'second_factors', columns: ['secret'], subject: { kind: 'person', column: 'delegate_id' } },
  {
    table: 'contact_channels',
    columns: ['channels'],
    subject: { kind: 'organisation', column: 'organisation_id' },
  },
  {
    table: 'itineraries',
    columns: ['items'],
    subject: { kind: 'visit', column: 'visit_id' },
    where: sql`by_key_of_visit`,
  },
  // Written before visits had keys of their own.
  {
    table: 'itineraries',
    columns: ['items'],
    subject: { kind: 'organisation', column: 'host_id' },
    where: sql`not by_key_of_visit`,
  },
]
