/** Decides who may read an itinerary. Pure. */
import { mandateFor, type Caller } from '../../platform/access.ts'

/** Delegates of the host with the power to visit, and participants. Each also needs a second-factor code, against stolen phones. */
export const mayReadItinerary = (caller: Caller, visit: { hostId: string }, takesPart: boolean): boolean =>
  takesPart || (caller.kind === 'delegate' && mandateFor(caller, visit.hostId, 'visit') !== undefined)
