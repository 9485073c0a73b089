import t from 'tap'
import { elevated } from '../fixtures/second-factor.ts'
import { enrol, ledgerOf, seat } from '../fixtures/unions.ts'
import { mandateWorld as world } from '../fixtures/mandates.ts'

t.test('a recalled delegate is refused from the next request on', async (t) => {
  const { house, ask, union, recall } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })
  const worksite = { employer: 'MTZ', place: 'Minsk', country: 'BY', industry: '2821' }
  const work = () => ask('POST', `${union.url}/worksites`, { token: chair.token, body: worksite })
  t.equal((await work()).statusCode, 201)

  const recalled = await recall(chair.mandateId, union.token)

  t.match(recalled.data, { status: 'recalled', version: 2, allowedMoves: [] })
  t.equal((await work()).statusCode, 404, 'a provisional organisation is missing for them')
  t.equal((await ask('GET', union.url, { token: chair.token })).statusCode, 404)
  t.same((await ask('GET', '/v1/me', { token: chair.token })).data.mandates, [])
  t.match((await ledgerOf(house, chair.mandateId)).at(-1), {
    move: 'recall',
    actor_id: union.delegateId,
    mandate_id: union.mandateId,
  })
})

t.test('a recall that runs concurrently with an action either stops it or comes after it', async (t) => {
  const { house, ask, union, recall } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })
  const worksite = { employer: 'MTZ', place: 'Minsk', country: 'BY', industry: '2821' }

  const [, ...answers] = await Promise.all([
    recall(chair.mandateId, union.token),
    ...Array.from({ length: 12 }, () =>
      ask('POST', `${union.url}/worksites`, { token: chair.token, body: worksite }),
    ),
  ])

  for (const { statusCode } of answers) t.ok([201, 403, 404].includes(statusCode), String(statusCode))
  const made = answers.filter(({ statusCode }) => statusCode === 201).length
  const listed = await ask('GET', `${union.url}/worksites`, { token: union.token })
  t.equal(listed.data.data.length, made)
})

t.test('a delegate can resign any mandate of their own', async (t) => {
  const { house, ask, union, recall } = await world(t)
  const mara = await seat(house, union, { office: 'delegate' })

  const laidDown = await recall(mara.mandateId, mara.token)

  t.match(laidDown.data, { status: 'recalled' })
  t.match((await ledgerOf(house, mara.mandateId)).at(-1), { move: 'recall', mandate_id: mara.mandateId })
  t.equal(
    (await ask('GET', laidDown.data.url, { token: mara.token })).statusCode,
    200,
    'it stays theirs to read',
  )
})

t.test('the last administrator of an organisation cannot be recalled', async (t) => {
  const { house, union, recall } = await world(t)

  t.match((await recall(union.mandateId, union.token)).data, { status: 409, code: 'last_administrator' })
  await seat(house, union, { office: 'chair', endsOn: '2026-12-31' })
  t.match(
    (await recall(union.mandateId, union.token)).data,
    { code: 'last_administrator' },
    'one that ends does not do',
  )
  await seat(house, union, { office: 'chair', startsOn: '2026-06-01' })
  t.match(
    (await recall(union.mandateId, union.token)).data,
    { code: 'last_administrator' },
    'nor one that has yet to begin',
  )
  await seat(house, union, { office: 'treasurer' })
  t.match(
    (await recall(union.mandateId, union.token)).data,
    { code: 'last_administrator' },
    'nor one without the power',
  )
  await seat(house, union, { office: 'secretary' })
  t.match((await recall(union.mandateId, union.token)).data, { status: 'recalled' })
})

t.test(
  'a delegate without a valid token does not count as another administrator of an organisation',
  async (t) => {
    const { house, union, give, recall, makeDelegate, travelTo, ask } = await world(t)
    const delegateId = await makeDelegate()
    await give(union.token, delegateId, { office: 'secretary' })
    const recalled = () => recall(union.mandateId, union.token)

    t.match((await recalled()).data, { code: 'last_administrator' }, 'never enrolled')
    const token = await enrol(house, union, delegateId)
    const [own] = (await ask('GET', '/v1/tokens', { token })).data.data
    await ask('DELETE', `/v1/tokens/${own.id}`, { token })
    t.match((await recalled()).data, { code: 'last_administrator' }, 'revoked')
    await enrol(house, union, delegateId)
    // With a code, because otherwise the token would expire with its parent.
    await elevated(house, union)
    const body = { label: 'lasting', scopes: ['delegates:write', 'delegates:read'], days: 90 }
    const lasting = await ask('POST', '/v1/tokens', { token: union.token, body })
    travelTo('2026-03-20T10:00:00.000Z')
    await ask('GET', '/v1/me', { token: lasting.data.secret })
    travelTo('2026-04-02T10:00:00.000Z')
    t.match(
      (await recall(union.mandateId, lasting.data.secret)).data,
      { code: 'last_administrator' },
      'expired',
    )
    travelTo('2026-04-01T09:59:59.000Z')
    t.match((await recalled()).data, { status: 'recalled' })
  },
)

t.test('of two secretaries who recall each other concurrently, only one is recalled', async (t) => {
  const { house, union, recall, ask } = await world(t)
  const other = await seat(house, union, { office: 'chair' })

  const answers = await Promise.all([
    recall(other.mandateId, union.token),
    recall(union.mandateId, other.token),
  ])

  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1)
  t.ok(answers.some(({ statusCode }) => statusCode === 403 || statusCode === 409))
  const left = (
    await Promise.all(
      [union, other].map(async ({ token }) => (await ask('GET', '/v1/me', { token })).data.mandates.length),
    )
  ).sort()
  t.same(left, [0, 1])
})

t.test('of the last two administrators who resign concurrently, only one can', async (t) => {
  const { house, union, recall } = await world(t)
  const other = await seat(house, union, { office: 'chair' })

  const answers = await Promise.all([
    recall(other.mandateId, other.token),
    recall(union.mandateId, union.token),
  ])

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409])
})
