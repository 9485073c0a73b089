import type { Job } from '../platform/jobs.ts'
import { forgettingJob, sweepJob } from '../platform/sweep.ts'
import { forgetDisclosureReasons, forgetIdentityReads } from './disclosures/forgetting.ts'
import { expiringMandates } from './mandates/actions.ts'
import { forgetRecoveryReasons } from './recoveries/forgetting.ts'
import { forgetDeadSecrets, revokingIdleTokens } from './tokens/actions.ts'

export const delegateJobs: readonly Job[] = [
  sweepJob('mandates.expire', expiringMandates),
  sweepJob('tokens.revoke_idle', revokingIdleTokens, '27 * * * *'),
  forgettingJob('tokens.forget_dead', '17 * * * *', forgetDeadSecrets),
  forgettingJob('identity_reads.forget', '53 3 * * *', forgetIdentityReads),
  forgettingJob('disclosures.forget_reasons', '57 3 * * *', forgetDisclosureReasons),
  forgettingJob('recoveries.forget_reasons', '59 3 * * *', forgetRecoveryReasons),
]
