import { elevated } from '../fixtures/second-factor.ts'
import { done } from '../fixtures/world.ts'
import { canaries, denied, of, unmatched, type Resource } from './resource.ts'

export const identityOf = (word: string) => ({
  legalName: word,
  phone: '+375 29 123 45 67',
  email: `${word}@example.org`,
  messenger: word,
  travelDocument: { number: word, country: 'BY', expiresOn: '2030-01-31' },
})

export const resource: Resource = {
  name: 'identity',
  requests: {
    getIdentity: of('person'),
    writeIdentity: { ...of('person'), body: () => identityOf(canaries.own) },
    removeIdentity: of('person'),
  },

  visible: { identities: [[0, 0, 1, 1, 0, 0, 1, 0], 2] },
  attempts: ({ house: { host } }) => [
    ...denied(
      'stranger',
      `insert into identities (id, created_at, updated_at, delegate_id)
        values (gen_random_uuid(), now(), now(), '${host.delegateId}')`,
    ),
    ...unmatched('stranger', `delete from identities where delegate_id <> caller_delegate()`),
  ],

  async change({ house, ask, guest }) {
    await elevated(house, guest)
    for (const legalName of ['Vesna', 'Vesna Example']) {
      const asking = { token: guest.token, body: { legalName } }
      done(await ask('PUT', `/v1/delegates/${guest.delegateId}/identity`, asking))
    }
  },
}
