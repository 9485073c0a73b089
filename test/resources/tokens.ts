import { seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { allowed, denied, of, secretLike, unmatched, withoutPower, type Resource } from './resource.ts'

const tokenFor = (holder: string, value: string, kind = 'delegate') =>
  `insert into tokens (hash, id, kind, ${holder}, label, scopes, created_at, expires_at)
    values ('\\x01', gen_random_uuid(), '${kind}', ${value}, 'planted', '{}', now(), now())`
const linkFor = (delegate: string) =>
  `insert into enrolment_links (id, hash, delegate_id, created_at, expires_at)
    values (gen_random_uuid(), '\\x01', '${delegate}', now(), now())`

export const resource: Resource = {
  name: 'tokens',
  requests: {
    createEnrolmentLink: { ...of('delegate'), body: () => ({}) },
    listEnrolmentLinks: {},
    revokeEnrolmentLink: of('enrolmentLink'),
    enrol: { body: ({ enrolmentSecret }) => ({ secret: secretLike(enrolmentSecret), label: 'phone' }) },
    listTokens: {},
    mintToken: {
      body: ({ organisation }) => ({
        label: 'bridge',
        scopes: ['delegates:write'],
        organisationId: organisation,
      }),
    },
    getToken: of('token'),
    revokeToken: of('token'),
  },
  async belongings({ world: { icog }, word, make }, { delegate }) {
    const client = { label: word, scopes: ['pacts:read'], organisationId: icog.id }
    const link = await make(icog, `/v1/delegates/${delegate}/enrolment-links`, {})
    return {
      token: (await make(icog, '/v1/tokens', client)).id,
      enrolmentLink: link.id,
      enrolmentSecret: link.secret,
    }
  },

  visible: {
    enrolment_links: [[1, 3, 1, 0, 0, 0, 1, 0], 6],
    tokens: [[3, 6, 2, 2, 1, 0, 1, 1], 18],
  },
  async populate({ ask, host: { token, delegateId } }) {
    done(await ask('POST', `/v1/delegates/${delegateId}/enrolment-links`, { token, body: {} }))
  },
  attempts: ({ house: { icog, union, host, visitor, guest, coordinator, stranger } }) => [
    ...denied('stranger', tokenFor('organisation_id', `'${union.id}'`, 'client'), linkFor(host.delegateId)),
    ...unmatched(
      'stranger',
      `delete from tokens where organisation_id is distinct from '${stranger.id}' and delegate_id <> (select caller_delegate())`,
    ),
    ...denied(
      withoutPower,
      tokenFor('delegate_id', `'${visitor.delegateId}'`),
      tokenFor('organisation_id', `'${icog.id}'`, 'client'),
      linkFor(visitor.delegateId),
      linkFor(coordinator.delegateId),
    ),
    ...denied(
      'guest',
      `update tokens set delegate_id = '${visitor.delegateId}' where delegate_id = '${guest.delegateId}'`,
    ),
    ...unmatched(
      'guest',
      `update tokens set elevated_until = now() where delegate_id <> '${guest.delegateId}'`,
      `update tokens set revoked_at = now() where delegate_id = '${visitor.delegateId}' or organisation_id = '${icog.id}'`,
      `select from tokens where delegate_id is distinct from '${guest.delegateId}'`,
      `select from enrolment_links where delegate_id <> '${guest.delegateId}'`,
      `update enrolment_links set hash = '\\x02', used_at = null where delegate_id <> '${guest.delegateId}'`,
      `delete from tokens`,
    ),
    ...unmatched('host', `update tokens set revoked_at = now() where delegate_id = '${guest.delegateId}'`),
    // A seal revokes the tokens of its people; only they can elevate them.
    ...allowed(
      'visitor',
      tokenFor('organisation_id', `'${icog.id}'`, 'client'),
      linkFor(guest.delegateId),
      `update tokens set revoked_at = now(), elevated_until = null where delegate_id = '${guest.delegateId}'`,
    ),
    ...denied(
      'visitor',
      `update tokens set elevated_until = now() where delegate_id = '${guest.delegateId}'`,
    ),
    ...allowed('host', `update enrolment_links set revoked_at = now()`),
    ...allowed(
      'guest',
      `update tokens set elevated_until = now() where delegate_id = caller_delegate()`,
      tokenFor('delegate_id', 'caller_delegate()'),
      linkFor(guest.delegateId),
    ),
  ],

  async change({ house, ask, union }) {
    const { token } = await seat(house, union, { office: 'chair' })
    const body = { label: 'site', scopes: ['pacts:read'], organisationId: union.id }
    done(await ask('POST', '/v1/tokens', { token, body }))
  },
}
