/**
 * Nobody learns by asking what exists. A caller who may not know of a thing gets the same answer as for an absent thing, after
 * the same statements to PostgreSQL, whose number could be measured by time. The same holds for expired and unknown secrets.
 */
import t from 'tap'
import { cast, principals } from './access/cast.ts'
import { ask, routesOf } from './access/matrix.ts'
import { committedContract } from './contract-checker.ts'
import { countStatements } from './fixtures/statement-counter.ts'
import { absentId, plainly } from './fixtures/unions.ts'

const routes = routesOf(committedContract()).filter(({ path }) => path.includes('{'))

t.test(
  'a resource of strangers costs as many SQL statements as a missing one',
  { timeout: 600_000 },
  async (t) => {
    const world = await cast(t)
    const count = countStatements(t)
    const wrong: string[] = []
    let compared = 0

    for (const route of routes) {
      for (const principal of principals) {
        // A first request, so that nothing that only a first request does is counted.
        await ask(world, route, 'absent', principal)
        const foreign = await count(() => ask(world, route, 'foreign', principal))
        if (foreign.answer.statusCode !== 404) continue
        const absent = await count(() => ask(world, route, 'absent', principal))
        compared++
        const same = JSON.stringify(plainly(foreign.answer)) === JSON.stringify(plainly(absent.answer))
        if (!same || foreign.statements !== absent.statements)
          wrong.push(
            `${route.operation.operationId}, ${principal}: ${foreign.statements}, ${absent.statements}`,
          )
      }
    }

    t.ok(compared > 300, `${compared} pairs were compared`)
    t.same(wrong, [])
  },
)

t.test('a revoked secret costs as many SQL statements as an unknown one', async (t) => {
  const world = await cast(t)
  const { house } = world
  const count = countStatements(t)
  const never = (kind: string) => `${kind}_${'x'.repeat(43)}`
  const asking = (token: string | undefined) => count(() => house.ask('GET', '/v1/me', { token }))

  await asking(never('spt'))
  const [revoked, unknown] = [
    await asking(world.tokenOf('revoked token', '/v1/me')),
    await asking(never('spt')),
  ]
  t.match([revoked.answer.statusCode, unknown.answer.statusCode], [401, 401])
  t.same(plainly(revoked.answer), plainly(unknown.answer))
  t.equal(revoked.statements, unknown.statements)

  // The holder learns that the link was valid once, but the time that the answer takes is the same.
  const [expired, absent] = [
    await asking(world.tokenOf('expired link', '/v1/me')),
    await asking(never('spl')),
  ]
  t.match([expired.answer.statusCode, absent.answer.statusCode], [410, 401])
  t.equal(expired.statements, absent.statements)

  const enrolling = (secret: string) =>
    count(() => house.ask('POST', '/v1/enrolments', { body: { secret, label: 'phone' } }))
  const { enrolmentLink = absentId, enrolmentSecret = '' } = world.thingsFor('secretary', 'own')
  await enrolling(never('spe'))
  world.keep()
  const token = world.tokenOf('secretary', '')
  t.equal((await house.ask('DELETE', `/v1/enrolment-links/${enrolmentLink}`, { token })).statusCode, 204)
  const [spent, none] = [await enrolling(enrolmentSecret), await enrolling(never('spe'))]
  t.same(plainly(spent.answer), plainly(none.answer))
  t.equal(spent.statements, none.statements)
})
