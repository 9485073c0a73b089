import type { Feature } from '../platform/feature.ts'
import { affiliationRoutes } from './affiliations/routes.ts'
import type { ApprovalSource, DelegateReferences } from './approvals/listing.ts'
import { approvalRoutes } from './approvals/routes.ts'
import { contactChannelRoutes } from './contact-channels/routes.ts'
import { encryptedContactChannels } from './contact-channels/tables.ts'
import { revokeInvitationsOnSeal } from './invitations/actions.ts'
import { isInvitationAddress } from './invitations/page.ts'
import { invitationRoutes } from './invitations/routes.ts'
import { organisationJobs } from './jobs.ts'
import { possibleDuplicateRoutes } from './possible-duplicates/routes.ts'
import type { AppointFirstSecretary } from './registrations/actions.ts'
import { organisationRoutes } from './routes.ts'
import { pendingMoves, pendingNames } from './pending/actions.ts'
import { pendingLiftings } from './seals/approvals.ts'
import type { OnSeal } from './seals/actions.ts'
import { sealRoutes } from './seals/routes.ts'
import { verificationQueueRoutes } from './verification-queue/routes.ts'
import { worksiteRoutes } from './worksites/routes.ts'

const scopes = ['organisations:read', 'organisations:write'] as const
/** administer: its page, mandates and tokens. vouch: verify and suspend others, in a verified coordination only. */
const powers = ['administer', 'vouch'] as const
const ledgerObjects = {
  affiliation: 'lasting',
  contact_channels: 'lasting',
  invitation: 'lasting',
  organisation: 'lasting',
  seal: 'lasting',
  worksite: 'lasting',
} as const

declare module '../platform/access.ts' {
  interface FeatureScopes {
    organisations: (typeof scopes)[number]
  }
  interface FeaturePowers {
    organisations: (typeof powers)[number]
  }
}

declare module '../platform/ledger/objects.ts' {
  interface FeatureLedgerObjects {
    organisations: keyof typeof ledgerObjects
  }
}

declare module '../platform/feature.ts' {
  interface Ports {
    appointFirstSecretary: AppointFirstSecretary
    delegateReferences: DelegateReferences
  }
  interface Reactions {
    onSeal: OnSeal
    /** What waits in a feature for the approval of a second person. */
    onListApprovals: ApprovalSource
  }
}

export const organisations: Feature = {
  name: 'organisations',
  tags: [
    {
      name: 'Organisations',
      startsWith: 'registerOrganisation',
      description:
        'Unions, strike committees, works councils, federations and coordinations. They can be parties to a pact.',
    },
    { name: 'Worksites', description: 'The employers and places where an organisation is active.' },
    { name: 'Approvals', description: 'Requests that take effect when a second, independent person agrees.' },
    { name: 'Affiliations', description: 'Which organisation belongs to which federation or coordination.' },
  ],
  routes(app, { config, ports, reactions, vault }) {
    organisationRoutes(app, ports)
    invitationRoutes(app, config)
    verificationQueueRoutes(app)
    worksiteRoutes(app)
    possibleDuplicateRoutes(app)
    contactChannelRoutes(app, { vault })
    sealRoutes(app, reactions)
    approvalRoutes(app, { ...reactions, ...ports })
    affiliationRoutes(app)
  },
  jobs: () => organisationJobs,
  scopes,
  powers,
  ledgerObjects,
  publicTables: ['organisations', 'worksites', 'affiliations'],
  encryptedTables: [encryptedContactChannels],
  secretPages: [{ path: '/invitation', isAddress: isInvitationAddress }],
  needs: ['appointFirstSecretary', 'delegateReferences'],
  raises: ['onSeal', 'onListApprovals'],
  reactions: {
    onSeal: [revokeInvitationsOnSeal],
    onListApprovals: [pendingMoves, pendingNames, pendingLiftings],
  },
}
