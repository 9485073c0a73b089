import { elevated } from '../fixtures/second-factor.ts'
import { openCoordination } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { allowed, canaries, denied, of, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'recoveries',
  requests: {
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
  },

  visible: { recoveries: [[0, 0, 0, 1, 0, 0, 1, 0], 1] },
  attempts: () => [
    ...denied(
      'stranger',
      `update recoveries set granted_by_id = caller_delegate()`,
      `update recoveries set ended_at = now(), ended_by_id = requested_by_id`,
    ),
    ...unmatched(
      'stranger',
      `update recoveries set ended_at = now(), ended_by_id = caller_delegate() where delegate_id <> caller_delegate()`,
    ),
    ...allowed(
      ['stranger', 'coordinator'],
      `update recoveries set ended_at = now(), ended_by_id = caller_delegate()`,
    ),
  ],

  /** The secretary of the union lost their token and takes another. */
  async change({ house, ask, coordinator, stranger }) {
    const { first: other } = await openCoordination(house, { name: 'Fourth coordination' })
    for (const person of [coordinator, other]) await elevated(house, person)
    const body = { organisationId: stranger.id, secretary: 'Secretary', reason: 'Lost at the border.' }
    const { url } = done(await ask('POST', '/v1/recoveries', { token: coordinator.token, body })).data
    done(await ask('POST', `${url}/grants`, { token: other.token }))
    done(await ask('DELETE', url, { token: other.token }))
  },
}
