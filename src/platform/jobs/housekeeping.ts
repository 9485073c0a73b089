/** The jobs of the platform itself. */
import { deleteAnswers } from '../actions/idempotency.ts'
import type { Job } from './queue.ts'
import { appendLeaves } from '../ledger/leaves.ts'
import { deleteOldReasons } from '../ledger/reasons.ts'
import { redactBatch } from '../ledger/retention.ts'
import { deletionJob } from './sweeps.ts'

export const leafAppending: Job = {
  name: 'ledger.seal',
  cron: '*/10 * * * *',
  run: (context) => appendLeaves(context),
}

export const platformJobs: readonly Job[] = [
  leafAppending,
  deletionJob('ledger.redact', '37 3 * * *', redactBatch),
  deletionJob('ledger.forget_reasons', '47 3 * * *', deleteOldReasons),
  deletionJob('idempotency.forget_answers', '43 * * * *', deleteAnswers),
]
