import type { Job } from '../platform/jobs.ts'
import { forgettingJob, sweepJob } from '../platform/sweep.ts'
import { expiringPacts, expiringProposals, lapsingPacts } from './moving.ts'
import { forgetDeadLinks } from './offer-links/actions.ts'
import { remindOfAnswer } from './proposals/actions.ts'

/** Due by the proposal's own date: enqueued with it. */
export const answerReminder: Job<{ proposalId: string }> = {
  name: 'pacts.remind_of_answer',
  run: (act, { proposalId }) => remindOfAnswer(act, proposalId),
}

export const proposalExpiry = sweepJob('pacts.expire_proposals', expiringProposals)
export const pactLapse = sweepJob('pacts.lapse', lapsingPacts)
export const pactExpiry = sweepJob('pacts.expire', expiringPacts)
export const linkForgetting = forgettingJob('pacts.forget_links', '29 * * * *', forgetDeadLinks)

export const pactJobs: readonly Job[] = [
  answerReminder,
  proposalExpiry,
  pactLapse,
  pactExpiry,
  linkForgetting,
]
