/** Who may read where a visit leads. Pure. */
import { mandateFor, type Caller } from '../../platform/access.ts'

/**
 * The host's representatives, who write it, and those who take part, each with a code: what a traveller's stolen phone
 * tells can have them arrested.
 */
export const mayReadItinerary = (caller: Caller, visit: { hostId: string }, takesPart: boolean): boolean =>
  takesPart || (caller.kind === 'delegate' && mandateFor(caller, visit.hostId, 'visit') !== undefined)
