import type { Job } from '../../platform/jobs.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { eraseAgain } from './actions.ts'

export const erasureJob = (vault: Vault): Job => ({
  name: 'delegates.erase_again',
  cron: '7 * * * *',
  run: (act, _payload, tell) => eraseAgain(act, vault, tell),
})
