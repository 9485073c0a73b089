/** What whoever is erased leaves, feature by feature: for the request, the job and the start of the service. */
import type { Departure } from './delegates/erasing/actions.ts'
import { releaseErased } from './visits/participants/releasing.ts'

export const departures: readonly Departure[] = [releaseErased]
