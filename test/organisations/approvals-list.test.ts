import t from 'tap'
import { approvalsOf, approvalWorld, uses, type Listed, type Scene } from '../fixtures/approvals.ts'
import { openCoordination, registerUnion, seat, verifiedUnion } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'

const urlsOf = (rows: readonly Listed[]): string[] => rows.map(({ subject }) => subject.url)

/** One of each use waits. The clock stands still: all of them expire at the same instant. */
const world = await approvalWorld(t)
const scenes: Scene[] = []
for (const prepare of Object.values(uses)) scenes.push(await prepare(world))

t.test('the pages of the list, whatever their size, hold every approval once', async (t) => {
  const whole = await approvalsOf(world.house, world.third)

  t.same(
    urlsOf(whole).sort(),
    scenes.map(({ subject }) => subject).sort(),
    'a coordinator knows of all of them',
  )
  for (const limit of [1, 2, 3]) {
    const rows: Listed[] = []
    for (let next: string | null = `/v1/approvals?limit=${limit}`; next !== null;) {
      const { data } = done(await world.ask('GET', next, { token: world.third.token }))
      rows.push(...data['data'])
      next = data['nextCursor'] && `/v1/approvals?limit=${limit}&cursor=${data['nextCursor']}`
    }
    t.same(rows, whole, `pages of ${limit}`)
  }
  const mine = await approvalsOf(world.house, world.third, '&mayApprove=true')
  const others = await approvalsOf(world.house, world.third, '&mayApprove=false')
  t.same(
    mine,
    whole.filter(({ mayApprove }) => mayApprove),
  )
  t.same(
    others,
    whole.filter(({ mayApprove }) => !mayApprove),
  )
  t.ok(mine.length > 0 && others.length > 0)
})

t.test(
  'a token is shown no approval that its scopes do not read, and offered none that they do not give',
  async (t) => {
    const listed = async (scopes: string[]) => {
      const body = { label: 'laptop', scopes }
      const { secret } = done(await world.ask('POST', '/v1/tokens', { token: world.third.token, body })).data
      const answer = await world.ask('GET', '/v1/approvals?limit=100', { token: secret })
      const rows = (answer.data['data'] ?? []) as { kind: string; mayApprove: boolean }[]
      return {
        status: answer.statusCode,
        kinds: [...new Set(rows.map(({ kind }) => kind))].sort(),
        given: [...new Set(rows.filter(({ mayApprove }) => mayApprove).map(({ kind }) => kind))].sort(),
      }
    }
    const ofOrganisations = ['merger', 'renaming', 'seal_lifting', 'transition']
    const all = ['disclosure', 'merger', 'recovery', 'renaming', 'seal_lifting', 'transition']

    t.match(await listed(['delegates:read']), { status: 403 })
    t.same(await listed(['organisations:read']), { status: 200, kinds: ofOrganisations, given: [] })
    t.same(await listed(['organisations:read', 'organisations:write', 'delegates:read']), {
      status: 200,
      kinds: all,
      given: ofOrganisations,
    })
  },
)

t.test('who asked is shown to those who judge over organisations and to colleagues alone', async (t) => {
  const { house, ask, second, third, spare } = world
  const union = await verifiedUnion(house, second, { name: 'Union of ferrymen' })
  const member = await seat(house, union, { office: 'delegate' })
  const body = { move: 'suspend', reason: 'They asked for names.' }
  const headers = { 'if-match': '*' }
  done(await ask('POST', `${union.url}/transitions`, { token: second.token, body, headers }))
  const shown = async ({ token }: { token: string }) =>
    (await approvalsOf(house, { token })).find(({ subject }) => subject.url === union.url)

  t.match(await shown(spare), { requestedFor: { name: 'Second' }, requestedBy: null, mayApprove: true })
  t.match(await shown(third), {
    requestedFor: { name: 'Second' },
    requestedBy: { id: second.delegateId, url: `/v1/delegates/${second.delegateId}` },
    mayApprove: false,
  })
  t.match(await shown(union), { requestedFor: null, requestedBy: null, mayApprove: false })
  t.equal(await shown(member), undefined, 'nor do all of its own people know of it')
  t.match(await shown({ token: house.operatorToken }), { requestedFor: { name: 'Second' }, mayApprove: true })
})

t.test(
  'the operator is shown what concerns them: no recovery, no disclosure, no seal of a union',
  async (t) => {
    const { house, ask, operatorToken } = world
    const { icog } = await openCoordination(house, { name: 'Sealed coordination' })
    done(await ask('PUT', `${icog.url}/seal`, { token: icog.token }))
    done(await ask('POST', `${icog.url}/seal/liftings`, { token: icog.token }))

    const rows = (await approvalsOf(house, { token: operatorToken })) as (Listed & { kind: string })[]

    t.same([...new Set(rows.map(({ kind }) => kind))].sort(), [
      'merger',
      'renaming',
      'seal_lifting',
      'transition',
    ])
    t.same(
      rows
        .filter(({ kind }) => kind === 'seal_lifting')
        .map(({ subject, mayApprove }) => [subject.url, mayApprove]),
      [[`${icog.url}/seal`, true]],
    )
  },
)

t.test('a merger into an organisation that has sealed itself leads nobody there', async (t) => {
  const { house, ask, second, third } = world
  const union = await verifiedUnion(house, second, { name: 'Union of ferrymen' })
  const into = await verifiedUnion(house, second, { name: 'Union of dockers' })
  const headers = { 'if-match': '*' }
  for (const { token } of [union, into])
    done(await ask('POST', `${union.url}/mergers`, { token, body: { intoId: into.id }, headers }))
  const shown = async () => (await approvalsOf(house, third)).find(({ subject }) => subject.url === union.url)
  t.match(await shown(), { mayApprove: true, operation: { body: { intoId: into.id } } })

  done(await ask('PUT', `${into.url}/seal`, { token: into.token }))

  t.match(await shown(), { mayApprove: false, operation: { body: null } })
  t.notOk(JSON.stringify(await approvalsOf(house, third)).includes(into.id))
})

t.test('a secretary of a provisional union is shown nothing of others', async (t) => {
  const stranger = await registerUnion(world.house, { name: 'Weavers' })

  t.same(await approvalsOf(world.house, stranger), [])
})

// The last one: it moves the clock.
t.test('what was asked last comes first', async (t) => {
  world.travelTo('2026-03-02T11:00:00.000Z')
  const later = await uses['suspending an organisation']?.(world)

  const rows = await approvalsOf(world.house, world.spare)

  t.equal(urlsOf(rows).indexOf(later?.subject ?? ''), 0)
  t.match(rows.slice(0, 2), [
    { requestedAt: '2026-03-02T11:00:00.000Z', expiresAt: '2026-03-05T11:00:00.000Z' },
    { requestedAt: '2026-03-02T10:00:00.000Z', expiresAt: '2026-03-05T10:00:00.000Z' },
  ])
})
