import type { Job } from '../platform/jobs/queue.ts'
import { deletionJob, sweepJob } from '../platform/jobs/sweeps.ts'
import { pactExpiries, proposalExpiries, pactLapses } from './transitions.ts'
import { deleteDeadLinks } from './offer-links/actions.ts'
import { remindOfAnswer } from './proposals/actions.ts'

/** Due by the proposal's own date: enqueued with it. */
export const answerReminder: Job<{ proposalId: string }> = {
  name: 'pacts.remind_of_answer',
  run: (context, { proposalId }) => remindOfAnswer(context, proposalId),
}

export const proposalExpiry = sweepJob('pacts.expire_proposals', proposalExpiries)
export const pactLapse = sweepJob('pacts.lapse', pactLapses)
export const pactExpiry = sweepJob('pacts.expire', pactExpiries)
export const linkDeletion = deletionJob('pacts.forget_links', '29 * * * *', deleteDeadLinks)

export const pactJobs: readonly Job[] = [answerReminder, proposalExpiry, pactLapse, pactExpiry, linkDeletion]
