import t from 'tap'
import { openHouse } from '../harness.ts'

const mtz = {
  kind: 'strike_committee',
  name: 'Strike committee of the Minsk Tractor Works',
  nameVariants: ['Минский тракторный завод', 'Minsk tractor'],
  abbreviation: 'МТЗ',
  country: 'BY',
  languages: ['be', 'ru'],
  industries: ['2821'],
  secretary: { displayName: 'Vesna' },
}

t.test('anyone registers an organisation and holds its first secretary’s token', async (t) => {
  const { ask } = await openHouse(t)

  const registered = await ask('POST', '/v1/organisations', { body: mtz })

  t.equal(registered.statusCode, 201, registered.body)
  const { organisation, token } = registered.data
  t.equal(organisation.status, 'provisional')
  const me = await ask('GET', '/v1/me', { token: token.secret })
  t.equal(me.statusCode, 200, me.body)
  t.equal(me.data.mandates[0].organisation.id, organisation.id)
  const own = await ask('GET', `/v1/organisations/${organisation.id}`, { token: token.secret })
  t.equal(own.data.name, mtz.name)
  const stranger = await ask('GET', `/v1/organisations/${organisation.id}`)
  t.equal(stranger.statusCode, 404)
})
