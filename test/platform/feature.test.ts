import t from 'tap'
import { features } from '../../src/features.ts'
import { portsOf, reactionsOf, type Feature } from '../../src/platform/feature.ts'

const named = (name: string, rest: Partial<Feature> = {}): Feature => ({
  name,
  tags: [],
  routes: () => undefined,
  ...rest,
})
const nothing = async (): Promise<never> => Promise.reject(new Error('Nobody calls this.'))

t.test('the service does not start when nobody supplies what a feature needs', async (t) => {
  const needy = named('left', { needs: ['appointFirstSecretary'] })
  const supplier = named('right', { supplies: { appointFirstSecretary: nothing } })

  t.throws(() => portsOf([needy]), /left needs appointFirstSecretary/)
  t.throws(() => portsOf([supplier, needy]), /left needs appointFirstSecretary/, 'only the right supplies')
  t.equal(portsOf([needy, supplier]).appointFirstSecretary, nothing)
})

t.test('the rightmost feature reacts first, and each in its own order', async (t) => {
  const [first, second, third] = [async () => undefined, async () => undefined, async () => undefined]

  const reactions = reactionsOf([
    named('left', { raises: ['onErasure', 'onFactorLost'], reactions: { onErasure: [third] } }),
    named('right', { reactions: { onErasure: [first, second] } }),
  ])

  t.ok(reactions.onErasure.every((react, place) => react === [first, second, third][place]))
  t.equal(reactions.onErasure.length, 3)
  t.same(reactions.onFactorLost, [], 'nobody has to react')
})

t.test('every reaction of a feature is to something that a feature raises', async (t) => {
  const raised = features.flatMap(({ raises = [] }) => raises)

  t.same([...new Set(raised)], raised, 'each is raised by one feature')
  t.same(
    features
      .flatMap(({ reactions = {} }) => Object.keys(reactions))
      .filter((name) => !raised.some((each) => each === name)),
    [],
  )
})
