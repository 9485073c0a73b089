/** `npm run test:guards` takes an hour; this quick test checks that it still finds every guard. */
import t from 'tap'
import { guardsOfCode, withoutPolicies } from './guards/mutations.ts'

t.test('every mutation of test:guards finds its guard, and no two remove the same one', async (t) => {
  const guards = await guardsOfCode()
  t.ok(guards.length >= 270, `${guards.length} guards`)
  const names = guards.map(({ name }) => name)
  t.same(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
    'no two have one name',
  )
  t.ok(guards.every(({ change, sql }) => (change ? change.text.length > 0 : sql !== withoutPolicies)))
})
