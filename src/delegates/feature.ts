import type { Feature } from '../platform/feature.ts'
import { secretPrefixes } from '../platform/secrets.ts'
import { appointFirstSecretary } from './actions.ts'
import { pendingDisclosures } from './disclosures/approvals.ts'
import { disclosureRoutes } from './disclosures/routes.ts'
import type { OnErasure } from './erasure/actions.ts'
import { erasureJob } from './erasure/jobs.ts'
import { erasureRoutes } from './erasure/routes.ts'
import { identityRoutes } from './identities/routes.ts'
import { encryptedIdentities } from './identities/tables.ts'
import { delegateJobs } from './jobs.ts'
import { lockAuthority } from './mandates/queries.ts'
import { mandateRoutes } from './mandates/routes.ts'
import { delegateReferences } from './queries.ts'
import { pendingRecoveries } from './recoveries/approvals.ts'
import { recoveryRoutes } from './recoveries/routes.ts'
import { delegateRoutes } from './routes.ts'
import type { OnFactorLost } from './second-factor/actions.ts'
import { secondFactorRoutes } from './second-factor/routes.ts'
import { encryptedSecondFactors } from './second-factor/tables.ts'
import { callerByAccount, callerByToken } from './tokens/authentication.ts'
import { revokeAllSecrets } from './tokens/revocation.ts'
import { tokenRoutes } from './tokens/routes.ts'

const scopes = ['delegates:read', 'delegates:write'] as const
const ledgerObjects = {
  delegate: 'personal',
  disclosure: 'personal',
  enrolment_link: 'personal',
  identity: 'personal',
  identity_budget: 'personal',
  identity_read: 'personal',
  mandate: 'personal',
  recovery: 'personal',
  second_factor: 'personal',
  token: 'personal',
} as const

declare module '../platform/access.ts' {
  interface FeatureScopes {
    delegates: (typeof scopes)[number]
  }
}

declare module '../platform/ledger/objects.ts' {
  interface FeatureLedgerObjects {
    delegates: keyof typeof ledgerObjects
  }
}

declare module '../platform/feature.ts' {
  interface Reactions {
    onErasure: OnErasure
    onFactorLost: OnFactorLost
  }
}

export const delegates: Feature = {
  name: 'delegates',
  tags: [
    { name: 'Delegates', description: 'People. Each has a display name, which may be a pseudonym.' },
    {
      name: 'Mandates',
      description: 'An organisation gives a delegate an office and powers for a period.',
    },
    { name: 'Tokens', description: 'The secrets with which delegates and systems authenticate.' },
  ],
  routes(app, { provider, reactions, vault }) {
    delegateRoutes(app)
    identityRoutes(app, { vault })
    secondFactorRoutes(app, { vault, ...reactions })
    disclosureRoutes(app, { vault })
    erasureRoutes(app, { vault, ...reactions })
    recoveryRoutes(app)
    mandateRoutes(app)
    tokenRoutes(app, { provider })
  },
  jobs: ({ reactions, vault }) => [...delegateJobs, erasureJob({ vault, ...reactions })],
  scopes,
  ledgerObjects,
  encryptedTables: [encryptedIdentities, encryptedSecondFactors],
  callers: { bySecret: { [secretPrefixes.token]: callerByToken }, byAccount: callerByAccount },
  supplies: { appointFirstSecretary, lockAuthority, delegateReferences },
  raises: ['onErasure', 'onFactorLost'],
  reactions: { onSeal: [revokeAllSecrets], onListApprovals: [pendingRecoveries, pendingDisclosures] },
}
