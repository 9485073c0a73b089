import { sweepEveryMinute, type Job } from '../platform/jobs.ts'
import { forgetAnswers } from '../platform/idempotency.ts'
import { expireMandates } from './mandates/actions.ts'
import { forgetDeadSecrets } from './tokens/actions.ts'

export const delegateJobs: readonly Job[] = [
  { name: 'mandates.expire', cron: sweepEveryMinute, run: expireMandates },
  { name: 'tokens.forget_dead', cron: '17 * * * *', run: forgetDeadSecrets },
  {
    name: 'idempotency.forget_answers',
    cron: '43 * * * *',
    run: (act) => act.db.transaction((tx) => forgetAnswers(tx, act.now)),
  },
]
