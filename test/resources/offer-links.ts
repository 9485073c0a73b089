import { pactIn, textOf } from '../fixtures/world.ts'
import { canaries, digestLike, of, told, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'offer-links',
  requests: {
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
    claimOrganisation: {
      body: () => ({ secretary: { displayName: canaries.own, languages: ['be'] } }),
    },
  },
  async belongings({ world, word, make }) {
    const { icog, committee } = world
    const offeredPact = await pactIn(world, 'negotiating', { parties: [committee], terms: told(word) })
    const offer = await make(icog, '/v1/offer-links', { pactId: offeredPact, organisationId: committee.id })
    const text = await textOf(world, icog, offeredPact)
    return {
      offerLink: offer.id,
      offerSecret: offer.secret,
      offeredPact,
      offeredProposal: text.proposalId,
      offeredDigest: text.contentDigest,
    }
  },

  visible: { offer_links: [[0, 2, 2, 0, 0, 1, 2, 0], 2] },
  attempts: () => unmatched('stranger', `update offer_links set revoked_at = now()`),
}
