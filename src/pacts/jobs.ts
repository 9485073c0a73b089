import type { Job } from '../platform/jobs/queue.ts'
import { deletionJob, sweepJob } from '../platform/jobs/sweeps.ts'
import { pactExpirySweep, proposalExpirySweep, pactLapseSweep } from './transitions.ts'
import { deleteOldLinks } from './offer-links/actions.ts'
import { recordAnswerReminder } from './proposals/actions.ts'

/** Scheduled with each proposal, before its deadline. */
export const answerReminder: Job<{ proposalId: string }> = {
  name: 'pacts.remind_of_answer',
  run: (context, { proposalId }) => recordAnswerReminder(context, proposalId),
}

export const proposalExpiry = sweepJob('pacts.expire_proposals', proposalExpirySweep)
export const pactLapse = sweepJob('pacts.lapse', pactLapseSweep)
export const pactExpiry = sweepJob('pacts.expire', pactExpirySweep)
export const linkDeletion = deletionJob('pacts.forget_links', '29 * * * *', deleteOldLinks)

export const pactJobs: readonly Job[] = [answerReminder, proposalExpiry, pactLapse, pactExpiry, linkDeletion]
