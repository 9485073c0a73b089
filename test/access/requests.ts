/**
 * How each operation is asked of a thing: the path's ids and a body that is right in everything but, perhaps, in whose
 * thing it names. A new operation needs its line here and its row in test/access/tables.
 */
import { inNovember } from '../fixtures/visits.ts'
import { terms } from '../fixtures/world.ts'
import type { Cast } from './cast.ts'
import { canaries, identityOf, itineraryOf, type Things } from './things.ts'

type Asked = {
  of?: Readonly<Record<string, string>>
  body?: (things: Things, cast: Cast) => object
  query?: string
}

const of = (thing: string) => ({ of: { id: thing } })
const ofWorksite = { of: { id: 'organisation', worksiteId: 'worksite' } }
const secretary = { displayName: canaries.own, languages: ['be'] }

export const requests: Readonly<Record<string, Asked>> = {
  getPublicKeys: {},
  listOrganisations: {},
  registerOrganisation: {
    body: () => ({ kind: 'union', name: 'Union of bus drivers', country: 'BY', secretary }),
  },
  createAddressee: {
    body: () => ({ kind: 'strike_committee', name: 'Committee of the depot', country: 'BY' }),
  },
  getOrganisation: of('organisation'),
  changeOrganisation: { ...of('organisation'), body: () => ({ about: 'We strike.' }) },
  mergeOrganisation: { ...of('organisation'), body: ({ partner }) => ({ intoId: partner }) },
  renameOrganisation: { ...of('organisation'), body: () => ({ name: 'Union of others' }) },
  getPossibleDuplicates: of('organisation'),
  listOrganisationTransitions: of('organisation'),
  moveOrganisation: {
    ...of('organisation'),
    body: () => ({ move: 'suspend', reason: 'It is asked who they are.' }),
  },
  listInvitations: {},
  createInvitation: { body: ({ organisation }) => ({ organisationId: organisation }) },
  getInvitation: of('invitation'),
  revokeInvitation: of('invitation'),
  listVerificationQueue: {},
  getContactChannels: of('organisation'),
  writeContactChannels: {
    ...of('organisation'),
    body: () => ({ channels: [{ kind: 'messenger', address: canaries.own }] }),
  },
  removeContactChannels: of('organisation'),
  getSeal: of('sealed'),
  sealOrganisation: of('organisation'),
  liftSeal: of('sealed'),
  listWorksites: of('organisation'),
  createWorksite: {
    ...of('organisation'),
    body: () => ({ employer: 'Works', place: 'Brest', country: 'BY', industry: '2821' }),
  },
  getWorksite: ofWorksite,
  changeWorksite: { ...ofWorksite, body: () => ({ place: 'Brest' }) },
  removeWorksite: ofWorksite,
  listAffiliations: of('organisation'),
  requestAffiliation: {
    ...of('organisation'),
    body: ({ federation }) => ({ parentId: federation, startsOn: '2020-01-01' }),
  },
  getAffiliation: of('affiliation'),
  listAffiliationTransitions: of('affiliation'),
  moveAffiliation: { ...of('affiliation'), body: () => ({ move: 'confirm' }) },

  getMe: {},
  listDelegates: {},
  createDelegate: {
    body: ({ organisation }) => ({ organisationId: organisation, displayName: canaries.own }),
  },
  getDelegate: of('delegate'),
  changeDelegate: { ...of('delegate'), body: () => ({ displayName: canaries.own }) },
  eraseDelegate: of('erasable'),
  getSecondFactor: {},
  beginSecondFactor: {},
  removeSecondFactor: {},
  elevate: { body: (_things, { code }) => ({ code }) },
  listDisclosures: {},
  requestDisclosure: { body: ({ person }) => ({ delegateId: person, reason: canaries.own }) },
  getDisclosure: of('disclosure'),
  grantDisclosure: of('disclosure'),
  endDisclosure: of('disclosure'),
  getDisclosedIdentity: of('granted'),
  listIdentityReads: {},
  listRecoveries: {},
  requestRecovery: {
    body: ({ organisation }) => ({
      organisationId: organisation,
      secretary: 'Secretary',
      reason: canaries.own,
    }),
  },
  getRecovery: of('recovery'),
  grantRecovery: of('recovery'),
  endRecovery: of('recovery'),
  getIdentity: of('person'),
  writeIdentity: { ...of('person'), body: () => identityOf(canaries.own) },
  removeIdentity: of('person'),
  createEnrolmentLink: { ...of('delegate'), body: () => ({}) },
  listEnrolmentLinks: {},
  revokeEnrolmentLink: of('enrolmentLink'),
  enrol: { body: ({ enrolmentSecret }) => ({ secret: secretLike(enrolmentSecret), label: 'phone' }) },
  listMandates: of('organisation'),
  giveMandate: {
    ...of('organisation'),
    body: ({ delegate }) => ({ delegateId: delegate, office: 'observer', powers: [] }),
  },
  getMandate: of('mandate'),
  listMandateTransitions: of('mandate'),
  moveMandate: { ...of('mandate'), body: () => ({ move: 'recall' }) },
  listTokens: {},
  mintToken: {
    body: ({ organisation }) => ({
      label: 'bridge',
      scopes: ['delegates:write'],
      organisationId: organisation,
    }),
  },
  getToken: of('token'),
  revokeToken: of('token'),

  listPacts: {},
  draftPact: {
    body: ({ organisation, partner }) => ({
      organisationId: organisation,
      title: canaries.own,
      purpose: 'defence_of_the_persecuted',
      partyIds: [partner],
    }),
  },
  getPact: of('pact'),
  changePact: { ...of('draft'), body: () => ({ title: canaries.own }) },
  listPactTransitions: of('pact'),
  movePact: { ...of('withdrawable'), body: () => ({ move: 'withdraw' }) },
  listProposals: of('answerable'),
  getProposal: of('proposal'),
  propose: { ...of('draft'), body: (_things, { house }) => terms(house) },
  listResponses: of('answerable'),
  respond: {
    ...of('answerable'),
    body: ({ proposal, digest }) => ({
      proposalId: proposal,
      contentDigest: digestLike(digest),
      decision: 'accept',
    }),
  },
  listSignatures: of('pact'),
  sign: {
    ...of('signable'),
    body: (things) => ({
      proposalId: things['signableProposal'],
      contentDigest: digestLike(things['signableDigest']),
    }),
  },
  verifyPact: of('pact'),
  listOfferLinks: {},
  createOfferLink: {
    body: ({ offeredPact }, { committee }) => ({ pactId: offeredPact, organisationId: committee }),
  },
  getOfferLink: of('offerLink'),
  revokeOfferLink: of('offerLink'),
  giveAnswer: {
    body: (things) => ({
      proposalId: things['offeredProposal'],
      contentDigest: digestLike(things['offeredDigest']),
      decision: 'accept',
    }),
  },
  claimOrganisation: { body: () => ({ secretary }) },

  listVisits: {},
  proposeVisit: {
    body: ({ pact, organisation }, { proposal }) => ({
      ...proposal(),
      pactId: pact,
      visitorId: organisation,
      organisationId: organisation,
    }),
  },
  getVisit: of('visit'),
  acceptVisit: { ...of('acceptable'), body: ({ window }) => ({ windowId: window }) },
  confirmVisit: { ...of('confirmable'), body: ({ confirmableWindow }) => ({ windowId: confirmableWindow }) },
  rescheduleVisit: {
    ...of('accepted'),
    body: () => ({ windows: [inNovember], reason: 'The visas are late.' }),
  },
  listVisitReports: of('completed'),
  reportVisit: { ...of('completed'), body: () => ({ text: canaries.own, language: 'en', personDays: 2 }) },
  listVisitTransitions: of('visit'),
  moveVisit: { ...of('accepted'), body: () => ({ move: 'cancel', reason: 'The border is closed.' }) },
  giveConsent: of('travelling'),
  withdrawConsent: of('travelling'),
  getCounterpartIdentity: of('counterpart'),
  getItinerary: of('toured'),
  writeItinerary: { ...of('toured'), body: () => itineraryOf(canaries.own) },
  removeItinerary: of('toured'),
  listParticipants: of('accepted'),
  nominateParticipant: { ...of('visit'), body: ({ delegate }) => ({ delegateId: delegate }) },
  getParticipant: of('participant'),
  listParticipantTransitions: of('participant'),
  moveParticipant: { ...of('participant'), body: () => ({ move: 'withdraw' }) },
}

/** An absent thing is named by an id, where a secret or a digest is wanted. */
const secretLike = (value = ''): string => (value.startsWith('spe_') ? value : `spe_${'x'.repeat(43)}`)
const digestLike = (value = ''): string => (/^[0-9a-f]{64}$/.test(value) ? value : '0'.repeat(64))
