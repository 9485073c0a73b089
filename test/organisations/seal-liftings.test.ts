/** Two persons lift a seal: an administrator, and a coordinator of another coordination or the operator. */
import t from 'tap'
import { sealable } from '../fixtures/seals.ts'
import { enrol, ledgerOf, seat } from '../fixtures/unions.ts'
import { dayAfter, done, instantAfter } from '../fixtures/world.ts'

t.test(
  'a seal is lifted when an administrator requests it and a coordinator of another coordination approves',
  async (t) => {
    const here = await sealable(t)
    const { ask, host, visitor, other, seal, lift, paths } = here
    const sealed = done(await seal()).data
    t.match(
      (await lift(other.first.token)).data,
      { code: 'seal_not_found' },
      'nobody has requested the lifting',
    )

    t.match(done(await lift(host.token)).data, { status: 'lifting' })
    t.match((await lift(host.token)).data, { code: 'second_person_needed' })
    t.match((await lift(visitor.token)).data, { code: 'seal_not_found' }, 'a partner cannot approve')
    t.match(done(await lift(other.first.token)).data, { status: 'lifted' })

    for (const path of paths)
      t.equal((await ask('GET', path, { token: visitor.token })).statusCode, 200, path)
    t.same(
      (await ledgerOf(here, sealed['id'] as string)).map(({ type }) => type),
      ['seal.set', 'seal.lifting_asked', 'seal.lifted'],
    )
    t.match((await ask('GET', `${host.url}/seal`, { token: host.token })).data, { code: 'seal_not_found' })
    t.equal(typeof (await enrol(here, host, host.delegateId)), 'string', 'new secrets can be created')
  },
)

t.test('of two concurrent approvals only one lifts the seal, and both are late after 72 hours', async (t) => {
  const { house, host, other, seal, lift, travelTo, now } = await sealable(t)
  const sealed = done(await seal()).data
  done(await lift(host.token))
  const present = now().getTime()
  travelTo(new Date(present + 72 * 3_600_000).toISOString())
  t.match((await lift(other.first.token)).data, { code: 'seal_not_found' })
  done(await lift(host.token))

  const answers = await Promise.all([lift(other.first.token), lift(other.second.token)])

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 404])
  t.equal((await ledgerOf(house, sealed['id'] as string)).length, 4)
})

t.test('a request to lift a seal does not count when its author is no longer an administrator', async (t) => {
  const { house, host, other, seal, lift, travelTo } = await sealable(t)
  const chair = await seat(house, host, { office: 'chair', endsOn: dayAfter(house, 1) })
  done(await seal(chair))
  done(await lift(chair.token))
  travelTo(instantAfter(house, 2))

  t.match((await lift(other.first.token)).data, { code: 'seal_not_found' })
})

t.test('the operator can approve lifting the seal of a coordination', async (t) => {
  const { ask, visitor, operatorToken } = await sealable(t)
  const path = `${visitor.url}/seal`
  done(await ask('PUT', path, { token: visitor.token }))
  t.match((await ask('POST', `${path}/liftings`, { token: operatorToken })).data, { code: 'seal_not_found' })
  done(await ask('POST', `${path}/liftings`, { token: visitor.token }))

  const lifted = await ask('POST', `${path}/liftings`, { token: operatorToken })

  t.match(lifted.data, { status: 'lifted' })
  t.equal((await ask('GET', visitor.url)).statusCode, 200)
})
