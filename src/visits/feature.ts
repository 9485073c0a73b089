import type { Feature } from '../platform/feature.ts'
import { withdrawConsentsOf } from './consents/actions.ts'
import { consentRoutes } from './consents/routes.ts'
import { itineraryRoutes } from './itinerary/routes.ts'
import { encryptedItineraries } from './itinerary/tables.ts'
import { visitJobsWith } from './jobs.ts'
import { releaseErasedPerson } from './participants/release.ts'
import { participantRoutes } from './participants/routes.ts'
import { visitReportRoutes } from './reports/routes.ts'
import { visitRoutes } from './routes.ts'

const scopes = ['visits:read', 'visits:write'] as const
/** visit: propose, answer and report visits. */
const powers = ['visit'] as const
const ledgerObjects = {
  booking: 'personal',
  itinerary: 'personal',
  participant: 'personal',
  visit: 'lasting',
} as const

declare module '../platform/access.ts' {
  interface FeatureScopes {
    visits: (typeof scopes)[number]
  }
  interface FeaturePowers {
    visits: (typeof powers)[number]
  }
}

declare module '../platform/ledger/objects.ts' {
  interface FeatureLedgerObjects {
    visits: keyof typeof ledgerObjects
  }
}

export const visits: Feature = {
  name: 'visits',
  tags: [
    {
      name: 'Visits',
      description: 'Delegates of one party of a pact visit another party, at a time that both have chosen.',
    },
  ],
  routes(app, { vault }) {
    visitRoutes(app, { vault })
    itineraryRoutes(app, { vault })
    consentRoutes(app, { vault })
    participantRoutes(app)
    visitReportRoutes(app)
  },
  jobs: ({ vault }) => visitJobsWith(vault),
  scopes,
  powers,
  ledgerObjects,
  encryptedTables: encryptedItineraries,
  reactions: {
    // The visits first: requests lock a visit before its participants.
    onErasure: [releaseErasedPerson, withdrawConsentsOf],
    onFactorLost: [withdrawConsentsOf],
  },
}
