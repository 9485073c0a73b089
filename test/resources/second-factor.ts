import { denied, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'second-factor',
  requests: {
    getSecondFactor: {},
    beginSecondFactor: {},
    removeSecondFactor: {},
    elevate: { body: (_things, { code }) => ({ code }) },
  },

  visible: { second_factors: [[1, 0, 1, 1, 0, 0, 1, 0], 5] },
  attempts: ({ house: { host } }) => [
    ...denied(
      'stranger',
      `insert into second_factors (id, created_at, updated_at, delegate_id, secret)
        values (gen_random_uuid(), now(), now(), '${host.delegateId}', '\\x00')`,
    ),
    ...unmatched('stranger', `update second_factors set failures = 0 where delegate_id <> caller_delegate()`),
  ],
}
