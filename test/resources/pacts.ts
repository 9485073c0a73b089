import { draftPact, done, offerLink, pactIn, propose, terms, textOf } from '../fixtures/world.ts'
import { allowedOnce, canaries, denied, digestLike, of, told, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'pacts',
  requests: {
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
  },
  async belongings({ world, word }) {
    const { icog, union } = world
    const answerable = await draftPact(
      { ...world, icog: union },
      { parties: [icog], purpose: 'defence_of_the_persecuted' },
    )
    await propose(world, union, answerable, told(word))
    const text = await textOf(world, icog, answerable)
    const signable = await pactIn(world, 'signing', { purpose: 'strike_support', terms: told(word) })
    const signing = await textOf(world, icog, signable)
    return {
      draft: await draftPact(world),
      answerable,
      proposal: text.proposalId,
      digest: text.contentDigest,
      signable,
      signableProposal: signing.proposalId,
      signableDigest: signing.contentDigest,
      withdrawable: await pactIn(world, 'negotiating', { terms: told(word) }),
    }
  },

  visible: {
    pact_pairs: [[1, 1, 1, 0, 0, 0, 1, 0], 2],
    pact_parties: [[2, 8, 8, 0, 0, 2, 8, 0], 10],
    pacts: [[1, 4, 4, 0, 0, 1, 4, 0], 5],
    proposals: [[1, 3, 3, 0, 0, 1, 3, 0], 4],
    responses: [[1, 1, 1, 0, 0, 0, 1, 0], 2],
    signatures: [[2, 2, 2, 0, 0, 0, 2, 0], 4],
  },
  attempts: ({ house: { icog, union, draftId, pactId } }) => [
    ...denied(
      'stranger',
      `insert into pacts (id, created_at, updated_at, status, title, purpose, proposer_id)
        values (gen_random_uuid(), now(), now(), 'draft', 'Forged', 'mutual_support', '${union.id}')`,
      `insert into pact_parties (pact_id, organisation_id, standing, added_at)
        values ('${draftId}', '${icog.id}', 'invited', now())`,
    ),
    ...unmatched('stranger', `update pacts set title = 'Forged' where id = '${pactId}'`),
    ...allowedOnce('host', `update pacts set title = title where id = '${pactId}'`),
  ],

  /** Its clock runs until the pact of the visits has expired too, so nothing may follow it. */
  async end(world) {
    for (const status of ['withdrawn', 'declined', 'lapsed', 'expired'] as const)
      await pactIn(world, status, { purpose: 'strike_support' })
    const { token } = await offerLink(
      world,
      await pactIn(world, 'negotiating', { parties: [world.committee] }),
    )
    const body = { secretary: { displayName: 'Vesna' } }
    done(await world.ask('POST', '/v1/claims', { token, body }))
  },

  async patch({ ask, host: { id, token }, visitor }) {
    const body = { organisationId: id, title: 'Pact', purpose: 'mutual_support', partyIds: [visitor.id] }
    return {
      operationId: 'changePact',
      url: done(await ask('POST', '/v1/pacts', { token, body })).data['url'],
      token,
      body: { title: 'Pact of the drivers' },
      other: { title: 'Pact of all drivers' },
      swapped: { title: 'Pact of the drivers' },
    }
  },
}
