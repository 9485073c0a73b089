import { sweepEveryMinute, type Job } from '../platform/jobs.ts'
import { expirePacts, expireProposals, lapsePacts } from './moving.ts'
import { forgetDeadLinks } from './offer-links/actions.ts'
import { remindOfAnswer } from './proposals/actions.ts'

/** Due by the proposal's own date: enqueued with it. */
export const answerReminder: Job<{ proposalId: string }> = {
  name: 'pacts.remind_of_answer',
  run: (act, { proposalId }) => remindOfAnswer(act, proposalId),
}

export const proposalExpiry: Job = {
  name: 'pacts.expire_proposals',
  cron: sweepEveryMinute,
  run: expireProposals,
}
export const pactLapse: Job = { name: 'pacts.lapse', cron: sweepEveryMinute, run: lapsePacts }
export const pactExpiry: Job = { name: 'pacts.expire', cron: sweepEveryMinute, run: expirePacts }
export const linkForgetting: Job = { name: 'pacts.forget_links', cron: '29 * * * *', run: forgetDeadLinks }

export const pactJobs: readonly Job[] = [
  answerReminder,
  proposalExpiry,
  pactLapse,
  pactExpiry,
  linkForgetting,
]
