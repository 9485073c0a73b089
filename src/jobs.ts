/** All work that the features want done in the background. */
import { platformJobs } from './platform/jobs/housekeeping.ts'
import { departures } from './departures.ts'
import type { Job } from './platform/jobs/queue.ts'
import { rotationJob } from './platform/vault/rotation.ts'
import { closedVault, type Vault } from './platform/vault/vault.ts'
import { organisationJobs } from './organisations/jobs.ts'
import { delegateJobs } from './delegates/jobs.ts'
import { pactJobs } from './pacts/jobs.ts'
import { visitJobsWith } from './visits/jobs.ts'
import { erasureJob } from './delegates/erasure/jobs.ts'

export const jobsWith = (vault: Vault): readonly Job[] => [
  ...platformJobs,
  ...organisationJobs,
  ...delegateJobs,
  ...pactJobs,
  ...visitJobsWith(vault),
  erasureJob({ vault, departures }),
  rotationJob(vault),
]

/** To make the queues, and for whoever enqueues only. */
export const jobs: readonly Job[] = jobsWith(closedVault)
