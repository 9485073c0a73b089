import { done } from '../fixtures/world.ts'
import { allowed, denied, of, unmatched, withoutPower, type Resource } from './resource.ts'

const insertFor = (organisation: string) =>
  `insert into seals (id, created_at, updated_at, organisation_id, organisation_kind, sealed_by_id)
    values (gen_random_uuid(), now(), now(), '${organisation}', 'union', caller_delegate())`

export const resource: Resource = {
  name: 'seal',
  requests: {
    getSeal: of('sealed'),
    sealOrganisation: of('organisation'),
    liftSeal: of('sealed'),
  },

  // For the organisation that is sealed in this world, whose secretary has asked to lift the seal.
  visible: { seal_version: [[0, 0, 0, 0, 0, 0, 0, 0], 1], seals: [[0, 0, 0, 0, 0, 0, 1, 1], 1] },
  attempts: ({ house: { icog } }) => [
    ...denied(withoutPower, insertFor(icog.id)),
    ...unmatched('guest', `delete from seals`),
    ...unmatched('host', `update seals set requested_by_id = caller_delegate()`),
    ...allowed('visitor', insertFor(icog.id)),
  ],

  async end({ ask, federation, coordinator }) {
    const seal = `${federation.url}/seal`
    done(await ask('PUT', seal, { token: federation.token }))
    for (const { token } of [federation, coordinator]) done(await ask('POST', `${seal}/liftings`, { token }))
  },
}
