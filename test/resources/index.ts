/** Every resource, in the order in which they build on each other. */
import { affiliations } from './affiliations.ts'
import { contactChannels } from './contact-channels.ts'
import { delegates } from './delegates.ts'
import { disclosures } from './disclosures.ts'
import { identities } from './identities.ts'
import { invitations } from './invitations.ts'
import { itineraries } from './itineraries.ts'
import { mandates } from './mandates.ts'
import { offerLinks } from './offer-links.ts'
import { organisations } from './organisations.ts'
import { pacts } from './pacts.ts'
import { participants } from './participants.ts'
import { platform } from './platform.ts'
import { recoveries } from './recoveries.ts'
import type { Requests, Resource } from './resource.ts'
import { seals } from './seals.ts'
import { secondFactor } from './second-factor.ts'
import { tokens } from './tokens.ts'
import { visits } from './visits.ts'
import { worksites } from './worksites.ts'

export const resources: readonly Resource[] = [
  platform,
  organisations,
  invitations,
  contactChannels,
  seals,
  worksites,
  affiliations,
  delegates,
  secondFactor,
  mandates,
  tokens,
  identities,
  disclosures,
  recoveries,
  pacts,
  offerLinks,
  visits,
  participants,
  itineraries,
]

export const requests: Requests = Object.assign({}, ...resources.map((one) => one.requests))
