/** What the platform itself has done in the background. */
import { forgetAnswers } from './idempotency.ts'
import type { Job } from './jobs.ts'
import { ledgerSealing } from './ledger-leaves.ts'
import { forgetOldReasons } from './ledger-reasons.ts'
import { redactSome } from './ledger-redacting.ts'
import { forgettingJob } from './sweep.ts'

export const platformJobs: readonly Job[] = [
  ledgerSealing,
  forgettingJob('ledger.redact', '37 3 * * *', redactSome),
  forgettingJob('ledger.forget_reasons', '47 3 * * *', forgetOldReasons),
  forgettingJob('idempotency.forget_answers', '43 * * * *', forgetAnswers),
]
