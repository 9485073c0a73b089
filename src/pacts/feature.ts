import type { Feature } from '../platform/feature.ts'
import { secretPrefixes } from '../platform/secrets.ts'
import { pactJobs } from './jobs.ts'
import { callerByLinkHash, revokeAllLinks } from './offer-links/actions.ts'
import { isOfferAddress } from './offer-links/page.ts'
import { pactRoutes } from './routes.ts'

const scopes = ['pacts:read', 'pacts:write'] as const
/** negotiate: propose and answer pacts. sign: sign them. */
const powers = ['negotiate', 'sign'] as const
const ledgerObjects = {
  offer_link: 'lasting',
  pact: 'lasting',
  proposal: 'lasting',
  response: 'lasting',
} as const

declare module '../platform/access.ts' {
  interface FeatureScopes {
    pacts: (typeof scopes)[number]
  }
  interface FeaturePowers {
    pacts: (typeof powers)[number]
  }
}

declare module '../platform/ledger/objects.ts' {
  interface FeatureLedgerObjects {
    pacts: keyof typeof ledgerObjects
  }
}

export const pacts: Feature = {
  name: 'pacts',
  tags: [
    {
      name: 'Pacts',
      startsWith: 'draftPact',
      description: 'Agreements of mutual support between two or more organisations.',
    },
    {
      name: 'Offer links',
      description:
        'One-time secrets with which an addressee without an account reads an offer and answers it.',
    },
  ],
  routes: (app, { config: { publicUrl }, enqueue, signer }) =>
    pactRoutes(app, { signer, enqueue, publicUrl }),
  jobs: () => pactJobs,
  scopes,
  powers,
  ledgerObjects,
  callers: {
    bySecret: {
      [secretPrefixes.link]: (hash, { database, now, repeats }) =>
        callerByLinkHash(database.read, hash, now, repeats),
    },
  },
  secretPages: [{ path: '/offer', isAddress: isOfferAddress }],
  reactions: { onSeal: [revokeAllLinks] },
}
