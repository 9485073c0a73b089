/** Every use of the approval by two persons × every wrong second person, and the race of two right ones. */
import t from 'tap'
import {
  approvalsOf,
  approvalWorld,
  outcomeOf,
  uses,
  type ApprovalWorld,
  type Bearer,
  type Scene,
} from '../fixtures/approvals.ts'
import { elevated } from '../fixtures/second-factor.ts'
import { instantAfter } from '../fixtures/world.ts'

const notAPerson = '403 forbidden'
const outsiders = (stranger: string) => ({
  'an API client': notAPerson,
  'a stranger': stranger,
  'nobody who is known': '401 unauthenticated',
})
const samePerson = { 'the same person': '409 second_person_needed' }
const sameCoordination = { 'one of the same coordination': '409 another_coordination_needed' }

/** What each wrong second person is answered. */
const refusals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'suspending an organisation': {
    ...samePerson,
    ...sameCoordination,
    'the one whom it concerns': '403 forbidden',
    ...outsiders('403 forbidden'),
  },
  'merging an organisation': {
    ...samePerson,
    'another of its own people': '409 second_person_needed',
    'the one who agreed to receive it': '409 second_person_needed',
    ...outsiders('403 forbidden'),
  },
  'receiving a merger': {
    ...samePerson,
    'one of the same coordination': '409 second_person_needed',
    ...outsiders('403 forbidden'),
  },
  'renaming an organisation': {
    // Its own people ask anew, and nothing takes effect.
    'the same person': '200 waits',
    'another of its own people': '200 waits',
    ...outsiders('403 forbidden'),
  },
  'lifting a seal': {
    ...samePerson,
    'the one who asked for a recovery': '409 recoverer_may_not_lift',
    'the one who granted a recovery': '409 recoverer_may_not_lift',
    ...outsiders('404 seal_not_found'),
  },
  'recovering an account': {
    ...samePerson,
    ...sameCoordination,
    'the one whom it concerns': '409 second_person_needed',
    ...outsiders('404 recovery_not_found'),
  },
  'disclosing an identity': {
    ...samePerson,
    ...sameCoordination,
    'the one whom it concerns': '409 second_person_needed',
    ...outsiders('404 disclosure_not_found'),
  },
}

type Ends = 'recalled' | 'sealed' | 'expired'

/** What the right person is answered when the first approval counts no more. Of transitions, it is the first one then. */
const outcomesAfter: Readonly<Record<string, Partial<Record<Ends, string>>>> = {
  'suspending an organisation': { recalled: '200 waits', sealed: '200 waits', expired: '200 waits' },
  'merging an organisation': {
    recalled: '200 waits',
    sealed: '404 organisation_not_found',
    expired: '200 waits',
  },
  'receiving a merger': { recalled: '403 forbidden', sealed: '403 forbidden', expired: '403 forbidden' },
  'renaming an organisation': {
    recalled: '409 renaming_not_asked',
    sealed: '404 organisation_not_found',
    expired: '409 renaming_not_asked',
  },
  'lifting a seal': { recalled: '404 seal_not_found', expired: '404 seal_not_found' },
  'recovering an account': {
    recalled: '409 recovery_closed',
    sealed: '409 recovery_closed',
    expired: '409 recovery_closed',
  },
  'disclosing an identity': {
    recalled: '409 disclosure_closed',
    sealed: '409 disclosure_closed',
    expired: '409 disclosure_closed',
  },
}

const waitingHours = 72

const shownTo = async (world: ApprovalWorld, scene: Scene, by: Bearer) =>
  (await approvalsOf(world.house, by)).find(({ subject }) => subject.url === scene.subject)

const world = await approvalWorld(t)

for (const [use, prepare] of Object.entries(uses)) {
  t.test(`${use}: no wrong second person approves, and the list offers it to none of them`, async (t) => {
    const scene = await prepare(world)
    t.same(Object.keys(scene.wrong).sort(), Object.keys(refusals[use] ?? {}).sort())

    for (const [who, by] of Object.entries(scene.wrong)) {
      const outcome = outcomeOf(scene, await scene.approve(by))
      const list = await world.ask('GET', '/v1/approvals?limit=100', { token: by.token })
      t.equal(outcome, refusals[use]?.[who], who)
      const shown = (list.data['data'] ?? []).filter(
        ({ subject }: { subject: { url: string } }) => subject.url === scene.subject,
      )
      t.same(
        shown.filter(({ mayApprove }: { mayApprove: boolean }) => mayApprove),
        [],
        `the list offers nothing to ${who}`,
      )
      if (/^(401|404)/.test(outcome)) t.notOk(list.body.includes(scene.subject), `and shows ${who} nothing`)
    }
  })

  t.test(`${use}: the right person approves by the request that the list names`, async (t) => {
    const scene = await prepare(world)
    const [right] = scene.right

    const shown = await shownTo(world, scene, right)
    const { method, url, body } = shown?.operation ?? {}
    const acknowledged = use.startsWith('renaming') && { acknowledged: true }
    const approved = await world.ask(method, url, {
      token: right.token,
      headers: { 'if-match': '*' },
      ...(body && { body: { ...body, ...acknowledged } }),
    })

    t.match(shown, { mayApprove: true, operation: { method: 'POST' } })
    t.equal(outcomeOf(scene, approved), '200 done')
    const after = await shownTo(world, scene, right)
    t.notOk(after?.mayApprove, 'it waits for them no more')
  })

  t.test(`${use}: of two concurrent second approvals, one takes effect`, async (t) => {
    const scene = await prepare(world)

    const answers = await Promise.all([...scene.right, ...scene.right].map((by) => scene.approve(by)))

    const outcomes = answers.map((answer) => outcomeOf(scene, answer))
    t.equal(outcomes.filter((outcome) => outcome === '200 done').length, 1, outcomes.join(', '))
    t.equal(outcomes.filter((outcome) => /^4/.test(outcome)).length, 3, outcomes.join(', '))
  })

  for (const [ending, expected] of Object.entries(outcomesAfter[use] ?? {})) {
    t.test(`${use}: nobody completes a first approval that is ${ending}`, async (t) => {
      const scene = await prepare(world)
      const [right] = scene.right
      t.match(await shownTo(world, scene, right), { mayApprove: true }, 'before, it is offered')

      if (ending === 'expired') {
        world.travelTo(instantAfter(world.house, waitingHours / 24))
        for (const person of [world.second, world.third, world.spare]) await elevated(world.house, person)
      } else await scene.spoil[ending as 'recalled' | 'sealed']?.()
      const shown = await shownTo(world, scene, right)
      const answer = await scene.approve(right)

      t.equal(shown, undefined, 'the list shows it no more')
      t.equal(outcomeOf(scene, answer), expected)
    })
  }
}
