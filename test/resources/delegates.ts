import { delegateOf } from '../fixtures/visits.ts'
import { seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { allowed, canaries, denied, of, unmatched, withoutPower, type Resource } from './resource.ts'

const insertFor = (organisation: string) =>
  `insert into delegates (id, created_at, updated_at, display_name, pseudonym, organisation_id)
    values (gen_random_uuid(), now(), now(), 'Planted', true, '${organisation}')`

export const resource: Resource = {
  name: 'delegates',
  requests: {
    getMe: {},
    listDelegates: {},
    createDelegate: {
      body: ({ organisation }) => ({ organisationId: organisation, displayName: canaries.own }),
    },
    getDelegate: of('delegate'),
    changeDelegate: { ...of('delegate'), body: () => ({ displayName: canaries.own }) },
    eraseDelegate: of('erasable'),
  },
  async belongings({ world: { icog }, word, make }) {
    const person = { organisationId: icog.id, displayName: word }
    return {
      delegate: (await make(icog, '/v1/delegates', person)).id,
      erasable: (await make(icog, '/v1/delegates', person)).id,
    }
  },

  visible: { delegates: [[2, 4, 4, 1, 1, 0, 4, 0], 12] },
  attempts: ({ house: { icog, union, committee, host, visitor, guest, stranger } }) => [
    ...denied('stranger', insertFor(union.id)),
    ...unmatched('stranger', `update delegates set display_name = 'Forged' where id = '${host.delegateId}'`),
    ...denied(withoutPower, insertFor(icog.id)),
    ...denied(
      'guest',
      `update delegates set display_name = 'Renamed' where id = '${visitor.delegateId}'`,
      `update delegates set organisation_id = '${stranger.id}' where id = '${guest.delegateId}'`,
    ),
    ...unmatched('guest', `delete from delegates`),
    ...denied('link', insertFor(committee.id)),
    ...allowed(
      'visitor',
      insertFor(icog.id),
      `update delegates set languages = '{be}' where id = '${guest.delegateId}'`,
    ),
    ...allowed('guest', `update delegates set display_name = 'Vesna' where id = caller_delegate()`),
  ],

  async change({ house, askFresh, union }) {
    const { delegateId } = await seat(house, union, { office: 'delegate' })
    const body = { displayName: 'Mara' }
    done(await askFresh('PATCH', `/v1/delegates/${delegateId}`, { token: union.token, body }))
  },

  async patch({ house, host }) {
    const { delegateId } = await delegateOf(house, host)
    return {
      operationId: 'changeDelegate',
      url: `/v1/delegates/${delegateId}`,
      token: host.token,
      body: { displayName: 'Mara', languages: ['be'] },
      other: { languages: [] },
      swapped: { languages: ['be'], displayName: 'Mara' },
    }
  },
}
