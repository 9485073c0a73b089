import { elevated } from '../fixtures/second-factor.ts'
import { openCoordination } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { canaries, denied, of, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'disclosures',
  requests: {
    listDisclosures: {},
    requestDisclosure: { body: ({ person }) => ({ delegateId: person, reason: canaries.own }) },
    getDisclosure: of('disclosure'),
    grantDisclosure: of('disclosure'),
    endDisclosure: of('disclosure'),
    getDisclosedIdentity: of('granted'),
    listIdentityReads: {},
  },

  visible: {
    disclosures: [[0, 0, 0, 1, 0, 0, 1, 0], 1],
    identity_reads: [[0, 0, 0, 1, 0, 0, 1, 0], 1],
  },
  attempts: ({ house: { host, guest, stranger } }) => [
    ...denied(
      'stranger',
      `insert into disclosures (id, created_at, updated_at, delegate_id, reason, requested_by_id, requested_mandate_id, expires_at)
        values (gen_random_uuid(), now(), now(), '${host.delegateId}', 'Curious', caller_delegate(), '${stranger.mandateId}', now())`,
      `insert into identity_reads (id, created_at, delegate_id, reader_id, participant_id)
        values (gen_random_uuid(), now(), '${host.delegateId}', '${guest.delegateId}', gen_random_uuid())`,
    ),
    ...unmatched(
      'stranger',
      `update disclosures set granted_by_id = caller_delegate()`,
      `delete from identity_reads`,
    ),
  ],

  async change({ house, ask, guest, coordinator }) {
    await elevated(house, guest)
    const { first: other } = await openCoordination(house, { name: 'Third coordination' })
    for (const person of [coordinator, other]) await elevated(house, person)
    const body = { delegateId: guest.delegateId, reason: 'Arrested.' }
    const { url } = done(await ask('POST', '/v1/disclosures', { token: coordinator.token, body })).data
    done(await ask('POST', `${url}/grants`, { token: other.token }))
    done(await ask('DELETE', url, { token: other.token }))
  },
}
