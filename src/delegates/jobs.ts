import type { Job } from '../platform/jobs/queue.ts'
import { deletionJob, sweepJob } from '../platform/jobs/sweeps.ts'
import { clearDisclosureReasons, deleteIdentityReads } from './disclosures/retention.ts'
import { mandateExpiry } from './mandates/actions.ts'
import { clearRecoveryReasons } from './recoveries/retention.ts'
import { deleteDeadSecrets, idleTokenRevocation } from './tokens/actions.ts'

export const delegateJobs: readonly Job[] = [
  sweepJob('mandates.expire', mandateExpiry),
  sweepJob('tokens.revoke_idle', idleTokenRevocation, '27 * * * *'),
  deletionJob('tokens.forget_dead', '17 * * * *', deleteDeadSecrets),
  deletionJob('identity_reads.forget', '53 3 * * *', deleteIdentityReads),
  deletionJob('disclosures.forget_reasons', '57 3 * * *', clearDisclosureReasons),
  deletionJob('recoveries.forget_reasons', '59 3 * * *', clearRecoveryReasons),
]
