import { done } from '../fixtures/world.ts'
import {
  allowed,
  allowedOnce,
  canaries,
  denied,
  of,
  unmatched,
  withoutPower,
  type Resource,
} from './resource.ts'

const insertFor = (organisation: string) =>
  `insert into contact_channels (id, created_at, updated_at, organisation_id, channels)
    values (gen_random_uuid(), now(), now(), '${organisation}', '\\x00')`

export const resource: Resource = {
  name: 'contact-channels',
  requests: {
    getContactChannels: of('organisation'),
    writeContactChannels: {
      ...of('organisation'),
      body: () => ({ channels: [{ kind: 'messenger', address: canaries.own }] }),
    },
    removeContactChannels: of('organisation'),
  },
  async belongings({ world: { ask, icog }, word }) {
    const body = { channels: [{ kind: 'messenger', address: word }] }
    done(await ask('PUT', `${icog.url}/contact-channels`, { token: icog.token, body }))
    return {}
  },

  visible: { contact_channels: [[1, 0, 0, 0, 0, 0, 0, 0], 1] },
  async populate({ ask, host: { url, token } }) {
    const body = { channels: [{ kind: 'post', address: 'Box 7' }] }
    done(await ask('PUT', `${url}/contact-channels`, { token, body }))
  },
  attempts: ({ house: { icog } }) => [
    ...denied('stranger', insertFor(icog.id)),
    ...denied(withoutPower, insertFor(icog.id)),
    ...unmatched('stranger', `update contact_channels set updated_at = now()`),
    ...unmatched('guest', `select from contact_channels`),
    ...allowed('visitor', insertFor(icog.id)),
    ...allowedOnce('host', 'delete from contact_channels'),
  ],

  async change({ ask, host: { url, token } }) {
    for (const channels of [[], [{ kind: 'email', address: 'a@union.example' }]])
      done(await ask('PUT', `${url}/contact-channels`, { token, body: { channels } }))
  },
}
