/** What the platform itself has done in the background. */
import { forgetAnswers } from './idempotency.ts'
import type { Job } from './jobs.ts'
import { ledgerSealing } from './ledger-leaves.ts'
import { forgettingJob } from './sweep.ts'

export const platformJobs: readonly Job[] = [
  ledgerSealing,
  forgettingJob('idempotency.forget_answers', '43 * * * *', forgetAnswers),
]
