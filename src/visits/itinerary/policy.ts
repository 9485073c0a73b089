/** Who may read and write where a visit leads. Pure. */
import { mandateFor, type Caller } from '../../platform/access.ts'

/** The host's representatives write it. */
export const mayWriteItinerary = (caller: Caller, visit: { hostId: string }): boolean =>
  caller.kind === 'delegate' && mandateFor(caller, visit.hostId, 'visit') !== undefined

/** They and those who take part read it, each with a code: what a traveller's stolen phone tells can have them arrested. */
export const mayReadItinerary = (caller: Caller, visit: { hostId: string }, takesPart: boolean): boolean =>
  takesPart || mayWriteItinerary(caller, visit)
