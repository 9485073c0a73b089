import { sweepJob, type Sweep } from '../../platform/jobs/sweeps.ts'
import { renewSkeletons, organisationsWithOldSkeletons } from './queries.ts'

const oldSkeletons: Sweep = {
  due: organisationsWithOldSkeletons,
  carryOut: (tx, _act, id) => renewSkeletons(tx, id),
}

export const skeletonRenewal = sweepJob('organisations.renew_skeletons', oldSkeletons)
