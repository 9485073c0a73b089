/** All work that the features want done in the background. */
import { platformJobs } from './platform/housekeeping.ts'
import type { Job } from './platform/jobs.ts'
import { delegateJobs } from './delegates/jobs.ts'
import { pactJobs } from './pacts/jobs.ts'
import { visitJobs } from './visits/jobs.ts'

export const jobs: readonly Job[] = [...platformJobs, ...delegateJobs, ...pactJobs, ...visitJobs]
