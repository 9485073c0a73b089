import { allowed, denied, unmatched, withoutPower, type Resource } from './resource.ts'

const entryBy = (kind: string, actor: string) =>
  `insert into ledger (id, at, type, object, subject_id, subject_version, actor_kind, actor_id, request_id)
    values (gen_random_uuid(), now(), 'pact.signed', 'pact', gen_random_uuid(), 1, '${kind}', ${actor}, gen_random_uuid())`
const answerFor = (delegate: string) =>
  `insert into idempotency_keys (hash, fingerprint, answer, delegate_id, expires_at)
    values ('\\x01', '\\x01', '\\x01', ${delegate}, now())`

/** Data that the service keeps for every resource: the ledger and the idempotency records. */
export const resource: Resource = {
  name: 'platform',
  requests: { getPublicKeys: {} },

  visible: {
    idempotency_keys: [[1, 0, 0, 0, 0, 0, 0, 0], 1],
    ledger_leaves: [[0, 0, 0, 0, 0, 0, 0, 0], 1],
  },
  attempts: ({ house: { visitor, guest, host } }) => [
    ...denied(
      'stranger',
      `insert into transition_reasons (entry_id, at, reason, salt, written_by_id)
        values (gen_random_uuid(), now(), 'Forged', gen_random_uuid(), '${host.delegateId}')`,
      `update ledger set actor_id = null`,
    ),
    ...unmatched('stranger', `delete from transition_reasons`, `delete from unsealed_entries`),
    ...denied(
      withoutPower,
      entryBy('delegate', `'${visitor.delegateId}'`),
      entryBy('operator', `'${guest.delegateId}'`),
      entryBy('system', 'null'),
      answerFor(`'${visitor.delegateId}'`),
      answerFor('null'),
    ),
    ...unmatched(
      'guest',
      `update idempotency_keys set delegate_id = caller_delegate()`,
      `delete from idempotency_keys`,
    ),
    ...denied('link', entryBy('link', 'gen_random_uuid()')),
    ...allowed('visitor', entryBy('delegate', 'caller_delegate()'), answerFor('caller_delegate()')),
    ...allowed('host', `delete from idempotency_keys`),
  ],
}
