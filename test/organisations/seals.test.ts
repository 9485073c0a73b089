/** A seal: one request hides an organisation and revokes its secrets. */
import t from 'tap'
import { sealable } from '../fixtures/seals.ts'
import { absentId, plainly, seat } from '../fixtures/unions.ts'
import { delegateOf, overTheChange, type VisitWorld } from '../fixtures/visits.ts'
import { done, offerLink, pactIn } from '../fixtures/world.ts'

t.test('to everybody else, a sealed organisation answers exactly like a missing one', async (t) => {
  const { ask, host, visitor, coordinator, operatorToken, seal, paths } = await sealable(t)
  const others = [undefined, visitor.token, coordinator.token, operatorToken]
  const shown = await Promise.all(paths.map((path) => ask('GET', path, { token: visitor.token })))
  t.same(
    shown.map(({ statusCode }) => statusCode),
    paths.map(() => 200),
    'before, the partner reads all of it',
  )

  done(await seal())

  for (const path of paths) {
    for (const token of others) {
      const answer = await ask('GET', path, { token })
      const absent = await ask('GET', path.replaceAll(/[0-9a-f-]{36}/g, absentId), { token })
      t.ok([401, 403, 404].includes(answer.statusCode), `${path}: ${answer.statusCode}`)
      t.same(plainly(answer), plainly(absent), path)
    }
    t.equal(
      (await ask('GET', path, { token: host.token })).statusCode,
      200,
      `its own secretary reads ${path}`,
    )
  }
})

t.test('no list, search or reference leads to a sealed organisation', async (t) => {
  const { ask, host, visitor, coordinator, pactId, visit, affiliation, seal } = await sealable(t)
  const lists = [
    '/v1/organisations?country=DE&limit=100',
    `/v1/organisations?q=${encodeURIComponent(host.name)}`,
    '/v1/pacts',
    '/v1/visits',
    `/v1/visits?hostId=${host.id}`,
    `${visitor.url}/affiliations`,
  ]
  const named = async (token: string | undefined) => {
    const answers = await Promise.all(lists.map((path) => ask('GET', path, { token })))
    const traces = [host.id, host.name, pactId, visit['id'] ?? '', affiliation['id'] ?? '']
    return lists.filter((_, i) => traces.some((trace) => answers[i]?.body.includes(trace)))
  }
  t.same(await named(visitor.token), lists, 'before the seal each of them shows it')

  done(await seal())

  for (const token of [visitor.token, coordinator.token]) t.same(await named(token), [])
  t.same(await named(undefined), [])
  const twin = { kind: 'union', name: host.name, country: 'DE', secretary: { displayName: 'Rosa' } }
  const registered = await ask('POST', '/v1/organisations', { body: twin })
  t.notOk(registered.body.includes(host.id), 'it is not a possible duplicate either')
  const offering = { organisationId: visitor.id, title: 'Pact', purpose: 'exchange', partyIds: [host.id] }
  const offered = await ask('POST', '/v1/pacts', { token: visitor.token, body: offering })
  t.match(offered.data['errors'], [{ pointer: '/partyIds/0', code: 'unknown_organisation' }])
})

t.test('a seal revokes tokens, enrolment links and offer links, except the token that sealed', async (t) => {
  const here = await sealable(t)
  const { ask, host, committee, seal } = here
  const colleague = await seat(here, host, { office: 'delegate' })
  const client = { label: 'bridge', scopes: ['pacts:read'], organisationId: host.id }
  const bridge = done(await ask('POST', '/v1/tokens', { token: host.token, body: client })).data['secret']
  const second = { label: 'laptop', scopes: ['pacts:read'] }
  const laptop = done(await ask('POST', '/v1/tokens', { token: host.token, body: second })).data['secret']
  const path = `/v1/delegates/${colleague.delegateId}/enrolment-links`
  const enrolment = done(await ask('POST', path, { token: host.token, body: {} })).data['secret']
  const offering = { ...here.house, icog: host, union: here.visitor }
  const offered = await pactIn(offering, 'negotiating', { parties: [committee], purpose: 'exchange' })
  const offer = await offerLink(offering, offered)
  t.equal((await ask('GET', `/v1/pacts/${offered}`, { token: offer.token })).statusCode, 200)

  done(await seal())

  for (const token of [colleague.token, bridge, laptop])
    t.equal((await ask('GET', '/v1/me', { token })).statusCode, 401)
  const enrolling = { secret: enrolment, label: 'phone' }
  t.equal((await ask('POST', '/v1/enrolments', { body: enrolling })).statusCode, 410)
  t.equal((await ask('GET', `/v1/pacts/${offered}`, { token: offer.token })).statusCode, 410)
  const me = await ask('GET', '/v1/me', { token: host.token })
  t.match(
    me.data['mandates'],
    [{ powers: [], sealed: true }],
    'the token that sealed still reads, but has no powers',
  )
})

t.test('reading private data of one’s own sealed organisation is refused with that reason', async (t) => {
  const { ask, host, seal } = await sealable(t)
  const url = `${host.url}/contact-channels`
  done(await seal())

  const refused = await ask('GET', url, { token: host.token })

  t.match(refused.data, { status: 403, code: 'forbidden', detail: /is sealed.*seal\/liftings/ })
})

t.test('nothing of a sealed organisation can be changed, and no new secret can be created', async (t) => {
  const { ask, host, propose, proposal, seal } = await sealable(t)
  const visiting = { ...proposal(), organisationId: host.id, windows: [overTheChange] }
  done(await propose(visiting, host.token))
  done(await seal())

  const asked = [
    await ask('PATCH', host.url, { token: host.token, body: { about: 'Now' }, headers: { 'if-match': '*' } }),
    await ask('POST', `/v1/delegates/${host.delegateId}/enrolment-links`, { token: host.token, body: {} }),
    await ask('POST', '/v1/delegates', {
      token: host.token,
      body: { organisationId: host.id, displayName: 'Sock' },
    }),
    await ask('POST', '/v1/tokens', {
      token: host.token,
      body: { label: 'bridge', scopes: ['pacts:read'], organisationId: host.id },
    }),
    await ask('POST', '/v1/tokens', { token: host.token, body: { label: 'own', scopes: ['pacts:read'] } }),
    await propose(visiting, host.token),
  ]

  t.same(
    asked.map(({ statusCode }) => statusCode),
    [403, 403, 403, 403, 403, 403],
  )
})

t.test('repeated and concurrent seals of an organisation set one seal', async (t) => {
  const { host, ask, seal } = await sealable(t)
  const answers = await Promise.all([seal(), seal(), seal(), seal()])

  t.same(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200],
  )
  t.equal(new Set(answers.map(({ data }) => data['id'])).size, 1)
  t.match((await ask('GET', `${host.url}/seal`, { token: host.token })).data, { status: 'sealed' })
})

t.test('only an administrator can seal an organisation', async (t) => {
  const here = await sealable(t)
  const { ask, host, visitor, coordinator, operatorToken } = here
  const colleague = await seat(here, host, { office: 'delegate' })
  const outcome = async (token: string | undefined) =>
    (await ask('PUT', `${host.url}/seal`, { token })).statusCode

  t.equal(await outcome(undefined), 401)
  t.equal(await outcome(operatorToken), 403)
  for (const { token } of [colleague, visitor, coordinator]) t.equal(await outcome(token), 403)
  t.equal((await ask('PUT', `/v1/organisations/${absentId}/seal`, { token: host.token })).statusCode, 404)
})

t.test('a seal clears decisions that wait for a second person', async (t) => {
  const { ask, host, other, seal, lift } = await sealable(t)
  const renaming = { name: 'Union of whoever took the telephone' }
  const headers = { 'if-match': '*' }
  const rename = (token: string) => ask('POST', `${host.url}/renamings`, { token, body: renaming, headers })
  done(await rename(host.token))
  done(await seal())
  done(await lift(host.token))
  done(await lift(other.first.token))

  t.match((await ask('GET', host.url, { token: host.token })).data, { renaming: null, name: host.name })
  t.match((await rename(other.first.token)).data, { status: 409, code: 'renaming_not_asked' })
})

t.test('a seal revokes offer links even while the seal of another party hides the pact', async (t) => {
  const here = await sealable(t)
  const { ask, host, committee, visitor, lift, other, seal } = here
  const offered = await pactIn(here, 'negotiating', { parties: [host, committee], purpose: 'exchange' })
  const { token } = await offerLink(here, offered)
  done(await seal())
  done(await ask('PUT', `${visitor.url}/seal`, { token: visitor.token }))

  const body = { secretary: { displayName: 'Vesna' } }
  const claims = [await ask('POST', '/v1/claims', { token, body })]
  for (const by of [host.token, other.first.token]) done(await lift(by))
  for (const by of [visitor.token, here.operatorToken])
    done(await ask('POST', `${visitor.url}/seal/liftings`, { token: by }))
  claims.push(await ask('POST', '/v1/claims', { token, body }))

  t.same(
    claims.map(({ data }) => data['code']),
    ['link_gone', 'link_gone'],
  )
})

t.test('visitors expected at a sealed organisation are released and free for other visits', async (t) => {
  const here = await sealable(t)
  const { house, ask, host, visitor, guest, other, seal, lift, sweep } = here
  const visitId = await here.visitIn('confirmed')
  const receiver = await delegateOf(house, host)
  const own = await here.visitIn('accepted')
  const received = await here.nominate(own, receiver.delegateId, host.token)
  const expected = async () =>
    (await here.database.read.$client.query("select from bookings where status in ('held', 'confirmed')"))
      .rowCount
  t.ok(Number(await expected()) > 0)

  done(await seal())
  await sweep('participants.release_from_sealed')
  await sweep('participants.release_from_sealed')

  t.equal(await expected(), 0)
  const { data: mine } = await ask('GET', `/v1/visit-participants/${received.data['id']}`, {
    token: host.token,
  })
  t.equal(mine['status'], 'nominated', 'nominations of the sealed organisation stay')
  for (const by of [host.token, other.first.token]) done(await lift(by))
  const { data: guests } = done(
    await ask('GET', `/v1/visits/${visitId}/participants`, { token: visitor.token }),
  ).data
  t.match(guests, [{ status: 'withdrawn', booking: null }])
  t.match((await here.entriesOf(guests[0].id)).at(-1), {
    move: 'release',
    actorKind: 'system',
    reason: 'The other side has sealed itself.',
  })
  t.equal(
    (await here.nominate(visitId, guest.delegateId)).statusCode,
    201,
    'the person can be nominated again',
  )
})

t.test('organisations merged into a sealed one are sealed and unsealed together with it', async (t) => {
  const { house, ask, askFresh, host, coordinator, seal, lift, other } = await sealable(t)
  const former = await mergedInto(house, host, coordinator, askFresh)
  t.equal((await ask('GET', former)).statusCode, 200)
  const alone = await ask('PUT', `${former}/seal`, { token: host.token })
  t.match(alone.data, { status: 409, code: 'seal_the_successor' })

  done(await seal())
  t.equal((await ask('GET', former)).statusCode, 404)
  done(await lift(host.token))
  done(await lift(other.first.token))

  t.match((await ask('GET', former)).data, { status: 'merged', mergedInto: { id: host.id } })
})

async function mergedInto(
  house: VisitWorld['house'],
  host: { id: string; token: string },
  coordinator: { token: string },
  askFresh: VisitWorld['askFresh'],
): Promise<string> {
  const small = { kind: 'union', name: 'Union of the small depot', country: 'DE' }
  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...small, secretary: { displayName: 'Ida' } },
  })
  const { organisation, token } = done(registered).data
  const verifying = { token: coordinator.token, body: { move: 'verify' } }
  done(await askFresh('POST', `${organisation.url}/transitions`, verifying))
  for (const by of [token.secret, host.token, coordinator.token])
    done(await askFresh('POST', `${organisation.url}/mergers`, { token: by, body: { intoId: host.id } }))
  return organisation.url as string
}
