import t from 'tap'
import { askedPactMoves, pactLifecycle } from '../../src/pacts/lifecycle.ts'
import { statesOf, type Lifecycle } from '../../src/platform/lifecycle/lifecycle.ts'
import { ledgerOf } from '../fixtures/unions.ts'
import { done, move, pactIn, world } from '../fixtures/world.ts'

const lifecycle: Lifecycle = pactLifecycle

for (const state of statesOf(pactLifecycle)) {
  t.test(`a pact in ${state} allows the moves of the lifecycle table and no others`, async (t) => {
    const house = await world(t)
    const { icog } = house
    const id = await pactIn(house, state)
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.status, state)
    const possible = askedPactMoves.filter((asked) => lifecycle[state]?.[asked])
    t.same([...pact.data.allowedMoves].sort(), [...possible].sort(), 'allowedMoves tell the same')

    for (const asked of askedPactMoves.filter((one) => !possible.includes(one))) {
      const answer = await move(house, icog, id, asked)
      t.equal(answer.statusCode, 409, asked)
      t.equal(answer.data.code, 'move_not_allowed')
      t.equal(answer.data.currentStatus, state)
      t.same(
        [...answer.data.allowedMoves].sort(),
        [...possible].sort(),
        'and tells what one could ask for instead',
      )
    }
    for (const asked of possible) {
      // Each needs a pact of its own, and pacts with one purpose must not exist side by side.
      const moved = asked === possible[0] ? id : await pactIn(house, state, { purpose: 'exchange' })
      const to = lifecycle[state]?.[asked]
      t.equal(done(await move(house, icog, moved, asked)).data.status, to, asked)
      const entry = (await ledgerOf(house, moved)).at(-1)
      t.match(entry, { move: asked, from_status: state, to_status: to, mandate_id: icog.mandateId })
    }
  })
}
