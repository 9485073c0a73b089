/** The chapters of the contract, in the order in which a newcomer needs them. Each operation stands in one. */
import type { Chapter } from './platform/contract/document.ts'

export const contractTags: readonly Chapter[] = [
  {
    name: 'Organisations',
    startsWith: 'registerOrganisation',
    description:
      'Unions, strike committees, works councils, federations and coordinations: who can be a party.',
  },
  { name: 'Worksites', description: 'The employers and places where an organisation is active.' },
  { name: 'Affiliations', description: 'Which organisation belongs to which federation or coordination.' },
  { name: 'Delegates', description: 'People, known by a display name that may be a pseudonym.' },
  {
    name: 'Mandates',
    description: 'An office and its powers, given by an organisation to a delegate for a period.',
  },
  { name: 'Tokens', description: 'The secrets by which delegates and systems say who they are.' },
  {
    name: 'Pacts',
    startsWith: 'draftPact',
    description: 'Agreements of mutual support: proposed, answered, signed and kept.',
  },
  {
    name: 'Offer links',
    description: 'One-time secrets by which an addressee without an account reads and answers.',
  },
  {
    name: 'Visits',
    description: 'Delegates of one party travel to another, at a time that both have chosen.',
  },
]
