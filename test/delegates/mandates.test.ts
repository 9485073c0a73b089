import t from 'tap'
import { jobs } from '../../src/jobs.ts'
import { mandateLifecycle, offices, type MandateStatus } from '../../src/delegates/mandates/lifecycle.ts'
import type { Job } from '../../src/platform/jobs/queue.ts'
import { movesOf } from '../../src/platform/lifecycle/lifecycle.ts'
import {
  absentId,
  enrol,
  ledgerOf,
  move,
  openCoordination,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
  type Person,
} from '../fixtures/unions.ts'
import { mandateWorld as world } from '../fixtures/mandates.ts'

const expiry = jobs.find((job) => job.name === 'mandates.expire') as Job

t.test('a mandate from a secretary is active immediately', async (t) => {
  const { house, ask, union, give, makeDelegate } = await world(t)
  const delegateId = await makeDelegate()

  const given = await give(union.token, delegateId, {
    office: 'treasurer',
    endsOn: '2027-02-28',
    evidence: 'Minutes 7',
  })

  t.equal(given.statusCode, 201, given.body)
  t.match(given.data, {
    status: 'active',
    allowedMoves: ['recall'],
    office: 'treasurer',
    powers: [],
    startsOn: '2026-03-02',
    endsOn: '2027-02-28',
    delegate: { id: delegateId, name: 'Mara' },
    organisation: { id: union.id },
    evidence: 'Minutes 7',
  })
  t.equal(given.headers.location, given.data.url)
  t.same((await ask('GET', given.data.url, { token: union.token })).data, given.data)
  const [told] = await ledgerOf(house, given.data.id)
  t.match(told, {
    type: 'mandate.activated',
    mandate_id: union.mandateId,
    details: { delegateId, office: 'treasurer' },
  })
  const list = await ask('GET', `${union.url}/mandates?status=active`, { token: union.token })
  t.same(
    list.data.data.map(({ id }: { id: string }) => id),
    [given.data.id, union.mandateId],
  )
})

t.test('a mandate has the powers of its office, and only a coordination can give vouch', async (t) => {
  const { house, union, give, makeDelegate } = await world(t)
  const { icog } = await openCoordination(house)
  const delegateId = await makeDelegate()
  const inCoordination = await makeDelegate(icog.token, icog.id)

  const coordinator = await give(union.token, delegateId, { office: 'coordinator' })
  const vouching = await give(union.token, delegateId, { office: 'delegate', powers: ['visit', 'vouch'] })
  const narrowed = await give(union.token, delegateId, { office: 'chair', powers: ['sign'] })
  const real = await give(icog.token, inCoordination, { office: 'coordinator' }, icog)

  t.same(coordinator.data.powers, ['negotiate', 'sign', 'visit'])
  t.match(vouching.data, { status: 422, errors: [{ pointer: '/powers', code: 'not_a_coordination' }] })
  t.same(narrowed.data.powers, ['sign'])
  t.same(real.data.powers, ['negotiate', 'sign', 'visit', 'vouch'])
})

t.test('a mandate that a delegate claims waits until a secretary decides', async (t) => {
  const { house, ask, union, give, recall } = await world(t)
  const mara = await seat(house, union, { office: 'observer' })
  const claim = (office: string) => give(mara.token, mara.delegateId, { office })

  const treasurer = await claim('treasurer')
  t.match((await recall(treasurer.data.id, union.token, 'refuse')).data, { status: 'refused' })
  const chair = await claim('chair')

  t.match([chair.statusCode, chair.data.status, chair.data.allowedMoves], [201, 'submitted', []])
  t.match(await ledgerOf(house, chair.data.id), [{ type: 'mandate.submitted', mandate_id: null }])
  const powers = async () =>
    (await ask('GET', '/v1/me', { token: mara.token })).data.mandates.flatMap(
      (one: { powers: string[] }) => one.powers,
    )
  t.same(await powers(), [], 'a claim gives no power')
  t.equal(
    (await recall(chair.data.id, mara.token, 'activate')).statusCode,
    403,
    'and cannot be granted to oneself',
  )
  t.match((await recall(chair.data.id, union.token, 'activate')).data, { status: 'active' })
  t.same(await powers(), ['administer', 'negotiate', 'sign', 'visit'])
})

t.test('a person can have only one waiting claim in an organisation, even when sent at once', async (t) => {
  const { house, union, give, recall } = await world(t)
  const { first } = await openCoordination(house)
  // A verified union is visible to everybody, also to a person whom it recalled.
  await move(house, union.url, first.token, 'verify')
  const mara = await seat(house, union, { office: 'delegate' })
  await recall(mara.mandateId, union.token)
  const claim = (office: string) =>
    give(mara.token, mara.delegateId, { office, evidence: 'Decided last week.' })

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => claim(offices[i % offices.length] ?? 'chair')),
  )

  const claimed = answers.filter(({ statusCode }) => statusCode === 201)
  t.equal(claimed.length, 1)
  t.equal(answers.filter(({ data }) => data.code === 'claim_waits').length, 19)
  t.match((await claim('chair')).data, { status: 409, code: 'claim_waits', detail: /ask one to refuse it/ })
  t.equal((await recall(claimed[0]?.data.id, union.token, 'refuse')).statusCode, 200)
  t.equal((await claim('chair')).statusCode, 201, 'after the decision another one can be claimed')
})

t.test('a delegate cannot hold an office twice in overlapping periods, including the last day', async (t) => {
  const { union, give, makeDelegate } = await world(t)
  const delegateId = await makeDelegate()
  const term = (startsOn: string, endsOn?: string, office = 'chair') =>
    give(union.token, delegateId, { office, startsOn, ...(endsOn && { endsOn }) })

  t.equal((await term('2026-03-02', '2026-12-31')).statusCode, 201)
  t.match((await term('2026-12-31', '2027-12-31')).data, { status: 409, code: 'mandate_overlaps' })
  t.equal((await term('2027-01-01')).statusCode, 201)
  t.equal(
    (await term('2026-06-01', '2026-07-01', 'treasurer')).statusCode,
    201,
    'another office is another mandate',
  )
  t.match((await term('2026-05-02', '2026-05-01', 'observer')).data.errors, [
    { pointer: '/endsOn', code: 'ends_before_it_starts' },
  ])
  t.match((await term('2026-02-01', '2026-03-01', 'observer')).data, {
    status: 422,
    errors: [
      {
        pointer: '/endsOn',
        code: 'already_over',
        detail: 'must not be before today, which is 2026-03-02 in UTC',
      },
    ],
  })
  t.equal((await term('2026-02-01', '2026-03-02', 'observer')).statusCode, 201, 'today still counts')
  const twice = await Promise.all([1, 2, 3].map(() => term('2030-01-01', '2030-12-31', 'observer')))
  t.same(twice.map(({ statusCode }) => statusCode).sort(), [201, 409, 409])
})

t.test('a mandate gives no powers after its last day, and a job then records it as expired', async (t) => {
  const { house, ask, union, travelTo, run } = await world(t)
  const mara = await seat(house, union, { office: 'chair', endsOn: '2026-03-10' })
  const live = async () => (await ask('GET', '/v1/me', { token: mara.token })).data.mandates.length

  travelTo('2026-03-10T23:59:59.000Z')
  await run(expiry)
  t.equal(await live(), 1)
  travelTo('2026-03-11T00:00:00.000Z')
  t.equal(await live(), 0, 'no job needs to have run')
  const before = await ask('GET', `/v1/mandates/${mara.mandateId}`, { token: union.token })
  t.equal(before.data.status, 'active')
  await run(expiry)
  await run(expiry)

  const after = await ask('GET', `/v1/mandates/${mara.mandateId}`, { token: union.token })
  t.match(after.data, { status: 'expired', version: 2, allowedMoves: [] })
  const told = (await ledgerOf(house, mara.mandateId)).filter((entry) => entry.move === 'expire')
  t.match(
    told,
    [{ actor_kind: 'system', from_status: 'active', to_status: 'expired' }],
    'once, though the job ran twice',
  )
})

t.test('a mandate gives no powers before its first day', async (t) => {
  const { house, ask, union, travelTo } = await world(t)
  const mara = await seat(house, union, { office: 'chair', startsOn: '2026-03-09' })
  const live = async () => (await ask('GET', '/v1/me', { token: mara.token })).data.mandates.length

  t.equal(await live(), 0)
  travelTo('2026-03-09T00:00:00.000Z')
  t.equal(await live(), 1)
})

t.test('only delegates with a mandate in the organisation can list its mandates', async (t) => {
  const { house, ask, union, give, recall, makeDelegate } = await world(t)
  const { icog, first } = await openCoordination(house)
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const observer = await seat(house, union, { office: 'observer' })
  const url = `/v1/mandates/${union.mandateId}`
  const list = `${union.url}/mandates`

  t.equal((await ask('GET', list, { token: observer.token })).data.data.length, 2)
  for (const path of [url, list]) t.equal((await ask('GET', path)).statusCode, 401)
  const hidden = await ask('GET', url, { token: first.token })
  t.same(plainly(hidden), plainly(await ask('GET', `/v1/mandates/${absentId}`, { token: first.token })))
  t.equal(hidden.statusCode, 404)
  t.equal((await ask('GET', `${url}/transitions`, { token: first.token })).statusCode, 404)
  t.equal((await recall(union.mandateId, first.token)).statusCode, 404)
  t.equal(
    (await ask('GET', list, { token: first.token })).statusCode,
    403,
    'the organisation is known, its people are not',
  )
  t.equal((await ask('GET', list, { token: stranger.token })).statusCode, 404)
  t.equal((await ask('GET', list, { token: house.operatorToken })).statusCode, 403)
  const delegateId = await makeDelegate()
  t.equal((await give(undefined, delegateId, { office: 'chair' })).statusCode, 401)
  t.equal((await give(observer.token, delegateId, { office: 'chair' })).statusCode, 403)
  t.equal((await give(icog.token, delegateId, { office: 'chair' })).statusCode, 403)
  t.equal((await recall(union.mandateId, observer.token)).statusCode, 403)
  t.equal((await give(stranger.token, delegateId, { office: 'chair' })).statusCode, 404)
  const foreign = await give(union.token, stranger.delegateId, { office: 'chair' })
  const absent = await give(union.token, absentId, { office: 'chair' })
  t.match(foreign.data, { status: 422, errors: [{ pointer: '/delegateId', code: 'unknown_delegate' }] })
  t.same(plainly(foreign), plainly(absent), 'a hidden delegate is unknown')
})

t.test('a delegate whom another organisation added cannot claim an office', async (t) => {
  const { house, give } = await world(t)
  const { first } = await openCoordination(house)
  const other = await verifiedUnion(house, first, { name: 'Other' })

  const claimed = await give(first.token, first.delegateId, { office: 'chair' }, other)

  t.match(claimed.data, { status: 403, code: 'forbidden', detail: /Ask its secretary/ })
})

t.test('every move of a mandate from every status follows the lifecycle', async (t) => {
  const { house, ask, union, give, recall, makeDelegate, travelTo, run } = await world(t)
  const colleague = await seat(house, union, { office: 'observer' })
  const steps: Record<MandateStatus, readonly string[]> = {
    submitted: [],
    active: ['activate'],
    refused: ['refuse'],
    recalled: ['activate', 'recall'],
    expired: ['activate'],
  }

  const mandateIn = async (state: MandateStatus): Promise<Person> => {
    const delegateId = await makeDelegate()
    const token = await enrol(house, union, delegateId)
    // The claimant must be visible to the organisation, so they already hold another office.
    await give(union.token, delegateId, { office: 'observer' })
    const day = house.now().toISOString().slice(0, 10)
    const claimed = await give(token, delegateId, { office: 'delegate', startsOn: day, endsOn: day })
    const url = `/v1/mandates/${claimed.data.id}`
    for (const step of steps[state]) await move(house, url, union.token, step)
    if (state === 'expired') {
      travelTo(new Date(house.now().getTime() + 24 * 3_600_000).toISOString())
      await run(expiry)
    }
    return { delegateId, mandateId: claimed.data.id, token }
  }

  for (const state of Object.keys(mandateLifecycle) as MandateStatus[]) {
    for (const name of movesOf(mandateLifecycle)) {
      for (const who of ['secretary', 'delegate', 'colleague'] as const) {
        const mandate = await mandateIn(state)
        const token = { secretary: union, delegate: mandate, colleague }[who].token
        const shown = await ask('GET', `/v1/mandates/${mandate.mandateId}`, { token })
        const hidden = who === 'colleague' && !['submitted', 'active'].includes(state)
        t.equal(shown.data.status, hidden ? 404 : state)

        const answer = await recall(mandate.mandateId, token, name)

        const to = (mandateLifecycle[state] as Record<string, string>)[name]
        const mayAsk = who === 'secretary' || (who === 'delegate' && name === 'recall')
        const expected = name === 'expire' ? 422 : hidden ? 404 : !mayAsk ? 403 : to === undefined ? 409 : 200
        const what = `${who} asks ${name} while ${state}`
        t.equal(answer.statusCode, expected, what)
        t.equal(
          shown.data.allowedMoves?.includes(name) ?? false,
          expected === 200,
          `${what}: allowedMoves had said so`,
        )
        if (expected === 200) t.equal(answer.data.status, to)
        if (expected === 409) {
          t.equal(answer.data.currentStatus, state)
          t.same(answer.data.allowedMoves, shown.data.allowedMoves, `${what}: what one could ask for instead`)
        }
      }
    }
  }
})

t.test('a recalled delegate can read their ended mandates, and colleagues no longer can', async (t) => {
  const { house, ask, union, recall } = await world(t)
  const [mara, colleague] = [
    await seat(house, union, { office: 'delegate' }),
    await seat(house, union, { office: 'observer' }),
  ]
  const history = (token: string) =>
    ask('GET', `/v1/mandates/${mara.mandateId}/transitions`, { token }).then(({ statusCode, data }) => [
      statusCode,
      data.data?.map(({ move }: { move: string }) => move),
    ])

  t.same(await history(colleague.token), [200, []], 'while the mandate is active')
  await recall(mara.mandateId, union.token)

  t.same(await history(mara.token), [200, ['recall']])
  t.same(await history(union.token), [200, ['recall']])
  t.same(await history(colleague.token), [404, undefined])
})

t.test('a colleague can read the history of a claim that became a mandate', async (t) => {
  const { house, ask, union, give, recall } = await world(t)
  const [mara, colleague] = [
    await seat(house, union, { office: 'observer' }),
    await seat(house, union, { office: 'observer' }),
  ]
  const { id } = (await give(mara.token, mara.delegateId, { office: 'chair' })).data
  await recall(id, union.token, 'activate')

  const { data } = await ask('GET', `/v1/mandates/${id}/transitions`, { token: colleague.token })

  t.match(data.data, [{ move: 'activate', from: 'submitted', to: 'active' }])
})

t.test(
  'the history of a mandate lists every move without names of persons, and is missing for strangers',
  async (t) => {
    const { house, ask, union, give, recall, makeDelegate } = await world(t)
    const { id } = (await give(union.token, await makeDelegate(), { office: 'treasurer' })).data
    t.equal((await recall(id, union.token)).statusCode, 200)
    const stranger = await registerUnion(house)

    const history = await ask('GET', `/v1/mandates/${id}/transitions`, { token: union.token })
    const foreign = await ask('GET', `/v1/mandates/${id}/transitions`, { token: stranger.token })
    const missing = await ask('GET', `/v1/mandates/${absentId}/transitions`, { token: stranger.token })

    t.equal(history.statusCode, 200, history.body)
    t.match(history.data.data, [{ move: 'recall', from: 'active', to: 'recalled', by: 'delegate' }])
    t.equal(foreign.statusCode, 404)
    t.same(plainly(foreign), plainly(missing))
  },
)
