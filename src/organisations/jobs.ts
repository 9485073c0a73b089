import type { Job } from '../platform/jobs.ts'
import { sweepJob } from '../platform/sweep.ts'
import { lapsingOrganisations } from './waiting/lapsing.ts'

export const organisationLapse = sweepJob('organisations.lapse', lapsingOrganisations, '37 * * * *')

export const organisationJobs: readonly Job[] = [organisationLapse]
