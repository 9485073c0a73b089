import { invite } from '../fixtures/invitations.ts'
import { denied, of, unmatched, withoutPower, type Resource } from './resource.ts'

const insertFor = (organisation: string) =>
  `insert into invitations (id, hash, organisation_id, mandate_id, made_with_id, uses_max, created_at, expires_at)
    values (gen_random_uuid(), '\\x01', '${organisation}', gen_random_uuid(), gen_random_uuid(), 1, now(), now())`

export const resource: Resource = {
  name: 'invitations',
  requests: {
    listInvitations: {},
    createInvitation: { body: ({ organisation }) => ({ organisationId: organisation }) },
    getInvitation: of('invitation'),
    revokeInvitation: of('invitation'),
  },

  visible: { invitations: [[0, 1, 0, 0, 0, 0, 1, 0], 1] },
  async populate({ house, coordinator, icog }) {
    await invite(house, coordinator, icog)
  },
  attempts: ({ house: { icog } }) => [
    ...denied(withoutPower, insertFor(icog.id)),
    ...unmatched('guest', `update invitations set revoked_at = now()`),
  ],
}
