import { done } from '../fixtures/world.ts'
import { allowed, denied, of, withoutPower, type Resource } from './resource.ts'

const insertFor = (member: string, parent: string) =>
  `insert into affiliations (id, created_at, updated_at, status, member_id, parent_id, starts_on)
    values (gen_random_uuid(), now(), now(), 'requested', '${member}', '${parent}', '2031-01-01')`

export const resource: Resource = {
  name: 'affiliations',
  requests: {
    listAffiliations: of('organisation'),
    requestAffiliation: {
      ...of('organisation'),
      body: ({ federation }) => ({ parentId: federation, startsOn: '2020-01-01' }),
    },
    getAffiliation: of('affiliation'),
    listAffiliationTransitions: of('affiliation'),
    moveAffiliation: { ...of('affiliation'), body: () => ({ move: 'confirm' }) },
  },
  async belongings({ world: { union }, federation, make }) {
    const body = { parentId: federation.id, startsOn: '2020-01-01' }
    return { affiliation: (await make(union, `${union.url}/affiliations`, body)).id }
  },

  visible: { affiliations: [[1, 2, 2, 1, 2, 1, 2, 1], 3] },
  anonymous: { affiliations: 1 },
  async populate({ ask, askFresh, host, provisional, hidden, visitor }) {
    const body = { parentId: visitor.id, startsOn: '2020-01-01' }
    for (const { url, token } of [host, provisional, hidden]) {
      const made = done(await ask('POST', `${url}/affiliations`, { token, body })).data
      if (url === provisional.url) continue
      const confirming = { token: visitor.token, body: { move: 'confirm' } }
      done(await askFresh('POST', `${made['url']}/transitions`, confirming))
    }
  },
  attempts: ({ house: { icog, union, committee, host, stranger } }) => [
    ...denied(
      'stranger',
      insertFor(union.id, icog.id),
      `update affiliations set starts_on = '2019-01-01' where status = 'confirmed'`,
    ),
    ...denied(withoutPower, insertFor(icog.id, union.id), insertFor(committee.id, icog.id)),
    ...denied('guest', `update affiliations set status = 'refused' where parent_id = '${icog.id}'`),
    ...denied('host', `update affiliations set parent_id = '${stranger.id}' where member_id = '${host.id}'`),
    ...allowed('visitor', insertFor(icog.id, union.id)),
    ...allowed('host', `update affiliations set ends_on = '2031-01-01' where member_id = '${host.id}'`),
  ],

  async change({ ask, askFresh, shop, works }) {
    const asking = { token: shop.token, body: { parentId: works.id } }
    const joined = done(await ask('POST', `${shop.url}/affiliations`, asking)).data
    for (const [move, { token }] of [
      ['confirm', works],
      ['end', shop],
    ] as const)
      done(await askFresh('POST', `${joined['url']}/transitions`, { token, body: { move } }))
  },
}
