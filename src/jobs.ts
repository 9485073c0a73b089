/** All background jobs of the features. */
import { features } from './features.ts'
import { reactionsOf } from './platform/feature.ts'
import { platformJobs } from './platform/jobs/housekeeping.ts'
import type { Job } from './platform/jobs/queue.ts'
import { rotationJob } from './platform/vault/rotation.ts'
import { closedVault, type Vault } from './platform/vault/vault.ts'

export const jobsWith = (vault: Vault): readonly Job[] => [
  ...platformJobs,
  ...features.flatMap(({ jobs }) => jobs?.({ vault, reactions: reactionsOf(features) }) ?? []),
  rotationJob(vault),
]

/** For creating the queues and enqueuing only. */
export const jobs: readonly Job[] = jobsWith(closedVault)
