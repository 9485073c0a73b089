/** All work that the features want done in the background. */
import { platformJobs } from './platform/housekeeping.ts'
import { departures } from './departures.ts'
import type { Job } from './platform/jobs.ts'
import type { SealedTable } from './platform/vault/rotation.ts'
import { rotationJob } from './platform/vault/rotation.ts'
import { closedVault, type Vault } from './platform/vault/vault.ts'
import { organisationJobs } from './organisations/jobs.ts'
import { delegateJobs } from './delegates/jobs.ts'
import { pactJobs } from './pacts/jobs.ts'
import { visitJobs } from './visits/jobs.ts'
import { erasureJob } from './delegates/erasing/jobs.ts'

/** Every column that the vault seals, and whose key it is: what a rotation of the keys goes over. */
export const sealedTables: readonly SealedTable[] = [
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
  { table: 'itineraries', columns: ['items'], subject: { kind: 'organisation', column: 'host_id' } },
]

export const jobsWith = (vault: Vault): readonly Job[] => [
  ...platformJobs,
  ...organisationJobs,
  ...delegateJobs,
  ...pactJobs,
  ...visitJobs,
  erasureJob({ vault, departures }),
  rotationJob(vault, sealedTables),
]

/** To make the queues, and for whoever enqueues only. */
export const jobs: readonly Job[] = jobsWith(closedVault)
