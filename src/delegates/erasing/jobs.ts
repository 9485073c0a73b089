import type { Job } from '../../platform/jobs.ts'
import { eraseAgain, type Erasing } from './actions.ts'

export const erasureJob = (erasing: Erasing): Job => ({
  name: 'delegates.erase_again',
  cron: '7 * * * *',
  run: (act, _payload, tell) => eraseAgain(act, erasing, tell),
})
