import type { Job } from '../../platform/jobs/queue.ts'
import { eraseAfterRestore, type ErasureParts } from './actions.ts'

export const erasureJob = (erasing: ErasureParts): Job => ({
  name: 'delegates.erase_again',
  cron: '7 * * * *',
  run: (context, _payload, report) => eraseAfterRestore(context, erasing, report),
})
