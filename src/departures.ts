/** What whoever is erased leaves, feature by feature: for the request, the job and the start of the service. */
import type { OnErasure } from './delegates/erasure/actions.ts'
import { withdrawConsentsOf } from './visits/consents/actions.ts'
import { releaseErased } from './visits/participants/release.ts'

/** The visits first: whoever moves one of its participants locks it before them. */
export const departures: readonly OnErasure[] = [releaseErased, withdrawConsentsOf]
