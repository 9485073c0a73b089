import { openCoordination, type Union } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { allowed, canaries, denied, of, withoutPower, type Changing, type Resource } from './resource.ts'

const secretary = { displayName: canaries.own, languages: ['be'] }
const page = {
  nameVariants: ['Bus drivers', 'Drivers of buses'],
  languages: ['be', 'ru'],
  about: null,
  externalIds: [{ system: 'itf', id: '17' }],
  memberCount: 1200,
}

export const resource: Resource = {
  name: 'organisations',
  requests: {
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
    listVerificationQueue: {},
  },
  belongings: async ({ world: { icog, union }, federation }) => ({
    organisation: icog.id,
    partner: union.id,
    federation: federation.id,
  }),

  visible: { organisations: [[6, 6, 6, 6, 5, 5, 7, 7], 8] },
  anonymous: { organisations: 4 },
  attempts: ({ house: { icog, union, committee } }) => [
    ...denied(
      'stranger',
      `update organisations set name = 'Taken' where id = '${union.id}'`,
      `insert into organisations (id, created_at, updated_at, status, kind, name, country)
        values (gen_random_uuid(), now(), now(), 'verified', 'union', 'Self-made', 'BY')`,
    ),
    ...denied(
      withoutPower,
      `update organisations set name = 'Taken' where id = '${icog.id}'`,
      `insert into organisations (id, created_at, updated_at, status, kind, name, country, created_by_organisation_id)
        values (gen_random_uuid(), now(), now(), 'unclaimed', 'union', 'Made up', 'BY', (caller_organisations())[1])`,
    ),
    // A link answers an offer; its holder does not administer anything yet.
    ...denied('link', `update organisations set status = 'provisional' where id = '${committee.id}'`),
    ...allowed('visitor', `update organisations set about = 'We strike.' where id = '${icog.id}'`),
    ...allowed('coordinator', `update organisations set pending = null where id = '${union.id}'`),
  ],

  async change({ house, askFresh, shop, stranger, coordinator }) {
    done(await askFresh('PATCH', shop.url, { token: shop.token, body: { about: 'All shifts.' } }))
    const other = await openCoordination(house, { name: 'Second coordination' })
    for (const move of ['suspend', 'reinstate'])
      for (const { token } of [coordinator, other.first])
        done(await askFresh('POST', `${stranger.url}/transitions`, { token, body: { move } }))
  },
  async end(world) {
    await merge(world, world.shop, world.works)
    await merge(world, world.works, world.federation)
  },

  patch: async ({ host }) => ({
    operationId: 'changeOrganisation',
    url: `/v1/organisations/${host.id}`,
    token: host.token,
    body: page,
    other: { languages: ['ru', 'be'] },
    swapped: { externalIds: [{ id: '17', system: 'itf' }], about: null },
  }),
}

async function merge({ askFresh, coordinator }: Changing, from: Union, into: Union): Promise<void> {
  for (const { token } of [from, into, coordinator])
    done(await askFresh('POST', `${from.url}/mergers`, { token, body: { intoId: into.id } }))
}
