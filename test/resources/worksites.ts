import { done } from '../fixtures/world.ts'
import { allowed, allowedOnce, denied, of, unmatched, withoutPower, type Resource } from './resource.ts'

const body = { employer: 'Tractor Works', place: 'Minsk', country: 'BY', industry: '2821' }
const ofWorksite = { of: { id: 'organisation', worksiteId: 'worksite' } }

const insertFor = (organisation: string) =>
  `insert into worksites (id, created_at, updated_at, organisation_id, employer, place, country, industry)
    values (gen_random_uuid(), now(), now(), '${organisation}', 'Works', 'Minsk', 'BY', '2910')`

export const resource: Resource = {
  name: 'worksites',
  requests: {
    listWorksites: of('organisation'),
    createWorksite: { ...of('organisation'), body: () => ({ ...body, place: 'Brest' }) },
    getWorksite: ofWorksite,
    changeWorksite: { ...ofWorksite, body: () => ({ place: 'Brest' }) },
    removeWorksite: ofWorksite,
  },
  belongings: async ({ world: { icog }, make }) => ({
    worksite: (await make(icog, `${icog.url}/worksites`, body)).id,
  }),

  visible: { worksites: [[2, 2, 2, 2, 2, 1, 2, 2], 3] },
  anonymous: { worksites: 1 },
  async populate({ ask, host, provisional, hidden }) {
    for (const by of [host, provisional, hidden])
      done(await ask('POST', `${by.url}/worksites`, { token: by.token, body }))
  },
  attempts: ({ house: { icog, union, host } }) => [
    ...denied('stranger', insertFor(union.id), `update worksites set place = 'Elsewhere'`),
    ...denied(withoutPower, insertFor(icog.id)),
    ...denied(
      'host',
      `update worksites set organisation_id = '${host.id}' where organisation_id <> '${host.id}'`,
    ),
    ...unmatched(['stranger', 'guest'], `delete from worksites`),
    ...allowed('visitor', insertFor(icog.id)),
    ...allowedOnce('host', 'delete from worksites'),
    ...allowed(
      'host',
      `delete from worksites where organisation_id = '${host.id}'`,
      `update worksites set place = 'Brest' where organisation_id = '${host.id}'`,
    ),
  ],

  async change({ ask, askFresh, shop: { url, token } }) {
    const made = done(await ask('POST', `${url}/worksites`, { token, body })).data
    done(await askFresh('PATCH', made['url'], { token, body: { place: 'Minsk, Partyzanski' } }))
  },

  async patch({ ask, host: { url, token } }) {
    const made = done(await ask('POST', `${url}/worksites`, { token, body })).data
    return {
      operationId: 'changeWorksite',
      url: made['url'],
      token,
      body,
      other: { place: 'Brest' },
      swapped: { place: 'Minsk' },
    }
  },
}
