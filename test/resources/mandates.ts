import { jobs } from '../../src/jobs.ts'
import { seat } from '../fixtures/unions.ts'
import { dayAfter, done, instantAfter } from '../fixtures/world.ts'
import { allowed, denied, of, unmatched, withoutPower, type Resource } from './resource.ts'

const insertFor = (delegate: string, organisation: string, status: string) =>
  `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
    values (gen_random_uuid(), now(), now(), '${status}', ${delegate}, '${organisation}', 'observer', '{administer,vouch}', '2031-01-01')`

export const resource: Resource = {
  name: 'mandates',
  requests: {
    listMandates: of('organisation'),
    giveMandate: {
      ...of('organisation'),
      body: ({ delegate }) => ({ delegateId: delegate, office: 'observer', powers: [] }),
    },
    getMandate: of('mandate'),
    listMandateTransitions: of('mandate'),
    moveMandate: { ...of('mandate'), body: () => ({ move: 'recall' }) },
  },
  async belongings({ world: { icog }, make }, { delegate }) {
    const body = { delegateId: delegate, office: 'delegate', powers: [] }
    return { mandate: (await make(icog, `${icog.url}/mandates`, body)).id }
  },

  visible: { authorities: [[0, 0, 0, 0, 0, 0, 0, 0], 11], mandates: [[1, 4, 4, 1, 1, 0, 4, 0], 12] },
  attempts: ({ house: { icog, union, visitor, guest, stranger } }) => [
    ...allowed('guest', `select from mandates where delegate_id <> caller_delegate()`),
    ...denied(
      'stranger',
      `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
        select gen_random_uuid(), now(), now(), 'active', (select caller_delegate()), '${union.id}', 'secretary', '{administer}', '2020-01-01'`,
    ),
    ...unmatched('stranger', `update mandates set powers = '{}' where organisation_id = '${union.id}'`),
    ...denied(
      withoutPower,
      insertFor(`'${stranger.delegateId}'`, icog.id, 'submitted'),
      insertFor('caller_delegate()', icog.id, 'active'),
    ),
    ...denied(
      'guest',
      `update mandates set status = 'recalled' where delegate_id = '${visitor.delegateId}'`,
      `update mandates set status = 'active', powers = '{administer}' where delegate_id = '${guest.delegateId}'`,
      `update mandates set status = 'recalled', delegate_id = '${guest.delegateId}' where delegate_id = '${visitor.delegateId}'`,
    ),
    ...unmatched('guest', `delete from mandates`),
    ...unmatched('host', `update mandates set status = 'recalled' where organisation_id = '${icog.id}'`),
    ...allowed(
      'visitor',
      insertFor(`'${guest.delegateId}'`, icog.id, 'active'),
      `update mandates set status = 'recalled' where delegate_id = '${guest.delegateId}'`,
    ),
    // A member submits a claim to a mandate, and resigns one.
    ...allowed(
      'guest',
      insertFor('caller_delegate()', icog.id, 'submitted'),
      `update mandates set status = 'recalled' where delegate_id = caller_delegate()`,
    ),
  ],

  async change({ house, askFresh, union, travelTo, run }) {
    await seat(house, union, { office: 'chair', endsOn: dayAfter(house, 1) })
    const { mandateId } = await seat(house, union, { office: 'delegate' })
    const recall = { token: union.token, body: { move: 'recall' } }
    done(await askFresh('POST', `/v1/mandates/${mandateId}/transitions`, recall))
    const today = house.now().toISOString()
    travelTo(instantAfter(house, 3))
    for (const job of jobs.filter(({ name }) => name === 'mandates.expire')) await run(job)
    travelTo(today)
  },
}
