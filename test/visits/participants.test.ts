import { randomUUID } from 'node:crypto'
import t from 'tap'
import { eq, sql } from 'drizzle-orm'
import { movesOf, statesOf } from '../../src/platform/lifecycle/lifecycle.ts'
import { bookings } from '../../src/visits/bookings/tables.ts'
import { sides, visitLifecycle, type VisitStatus } from '../../src/visits/lifecycle.ts'
import {
  movers,
  participantLifecycle,
  visitStatusesOfMove,
  preparationStatuses,
  type ParticipantMove,
  type ParticipantStatus,
} from '../../src/visits/participants/lifecycle.ts'
import { visitParticipants } from '../../src/visits/participants/tables.ts'
import { visits } from '../../src/visits/tables.ts'
import { absentId, plainly } from '../fixtures/unions.ts'
import { august, delegateOf, visitWorld, type VisitWorld } from '../fixtures/visits.ts'

const askedMoves = movesOf(participantLifecycle).filter((name) => name !== 'lapse' && name !== 'release')

t.test('a side nominates its own delegate, and only the delegate can agree', async (t) => {
  const { visitIn, nominate, moveParticipant, guest, visitor, entriesOf } = await visitWorld(t)
  const id = await visitIn('proposed')

  const nominated = await nominate(id, guest.delegateId)
  const pressed = await moveParticipant(nominated.data.id, 'agree', visitor.token)
  const agreed = await moveParticipant(nominated.data.id, 'agree', guest.token)

  t.equal(nominated.statusCode, 201, nominated.body)
  t.equal(nominated.headers.location, nominated.data.url)
  t.match(nominated.data, { status: 'nominated', visitId: id, side: 'visitor', allowedMoves: ['withdraw'] })
  t.equal(nominated.data.booking, null)
  t.equal(pressed.statusCode, 403)
  t.match(pressed.data.detail, 'Only the participant can do this.')
  t.equal(agreed.statusCode, 200, agreed.body)
  t.equal(agreed.data.status, 'agreed')
  t.match(await entriesOf(nominated.data.id), [
    { type: 'participant.nominated', organisationId: visitor.id, details: { visitId: id } },
    { type: 'participant.moved', move: 'agree', actorId: guest.delegateId },
  ])
})

t.test(
  'every move of a participant in every status of participant and visit follows the tables',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, nominate, ask, guest, visitor } = world
    const visitId = await visitIn('accepted')
    const { id } = (await nominate(visitId, guest.delegateId)).data
    const url = `/v1/visit-participants/${id}`

    for (const visitStatus of statesOf(visitLifecycle)) {
      for (const status of statesOf(participantLifecycle)) {
        for (const move of askedMoves) {
          await put(world, visitId, visitStatus, status)
          const token = movers[move].includes('own') ? visitor.token : guest.token
          const allowed = (await ask('GET', url, { token })).data.allowedMoves as string[]

          const answer = await ask('POST', `${url}/transitions`, {
            token,
            headers: { 'if-match': '*' },
            body: { move },
          })

          const row = `${move} of ${status} in ${visitStatus}`
          const to = (participantLifecycle[status] as Partial<Record<ParticipantMove, ParticipantStatus>>)[
            move
          ]
          const code = to === undefined ? 'move_not_allowed' : 'visit_status_forbids'
          const isAllowed = to !== undefined && visitStatusesOfMove[move].includes(visitStatus)
          t.equal(allowed.includes(move), isAllowed, `${row} is told beforehand`)
          if (isAllowed) t.match(answer.data, { status: to }, row)
          else t.match(answer.data, { status: 409, code }, row)
          if (code === 'move_not_allowed')
            t.same(answer.data.allowedMoves, allowed, `${row} tells the moves of this caller`)
          t.equal(answer.statusCode, isAllowed ? 200 : 409, row)
          if (to === undefined)
            t.same(answer.data.allowedMoves, allowed, `${row}: what one could ask for instead`)
        }
      }
    }
  },
)

/** Sets the statuses directly; other tests make these moves. */
async function put(world: VisitWorld, visitId: string, visitStatus: VisitStatus, status: ParticipantStatus) {
  await world.database.transaction(async (tx) => {
    await tx.update(visits).set(whole(visitStatus)).where(eq(visits.id, visitId))
    const agreedAt = status === 'nominated' ? null : august
    await tx.update(visitParticipants).set({ status, agreedAt }).where(eq(visitParticipants.visitId, visitId))
    await tx.delete(bookings).where(eq(bookings.visitId, visitId))
  })
}

/** Sets the status with all columns that belong to it. */
function whole(status: VisitStatus) {
  const window = sql`(${visits.windows} -> 0 ->> 'id')::uuid`
  const undecided = ['proposed', 'rescheduling', 'declined'].includes(status)
  return {
    status,
    windowId: undecided ? null : window,
    startsAt: undecided ? null : sql`${visits.spanStartsAt}`,
    endsAt: undecided ? null : sql`${visits.spanEndsAt}`,
    confirmedBy: undecided || status === 'accepted' ? [] : [...sides],
    reportedBy: status === 'reported' ? [...sides] : [],
  }
}

t.test('each move of a participant is allowed only to the roles of the table', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, nominate, ask, house, guest, visitor, host, stranger } = world
  const visitId = await visitIn('accepted')
  const { id } = (await nominate(visitId, guest.delegateId)).data
  const colleague = await delegateOf(house, visitor)
  const callers = {
    self: guest.token,
    own: visitor.token,
    host: host.token,
    colleague: colleague.token,
    stranger: stranger.token,
  }
  const from: Record<(typeof askedMoves)[number], [ParticipantStatus, VisitStatus]> = {
    agree: ['nominated', 'accepted'],
    await_visa: ['agreed', 'accepted'],
    get_ready: ['agreed', 'accepted'],
    refuse: ['visa_pending', 'accepted'],
    arrive: ['ready', 'in_progress'],
    return: ['arrived', 'in_progress'],
    miss: ['ready', 'in_progress'],
    withdraw: ['ready', 'accepted'],
  }

  for (const move of askedMoves) {
    for (const [caller, token] of Object.entries(callers)) {
      const [status, visitStatus] = from[move]
      await put(world, visitId, visitStatus, status)
      const asking = { token, headers: { 'if-match': '*' }, body: { move } }
      const answer = await ask('POST', `/v1/visit-participants/${id}/transitions`, asking)
      const expected = caller === 'stranger' ? 404 : (movers[move] as string[]).includes(caller) ? 200 : 403
      t.equal(answer.statusCode, expected, `${move} by ${caller}`)
    }
  }
})

t.test(
  'the other side sees the name of a participant only after they agreed, and not after a withdrawal',
  async (t) => {
    const { visitIn, nominate, moveParticipant, ask, guest, visitor, host } = await visitWorld(t)
    const id = await visitIn('proposed')
    const participant = (await nominate(id, guest.delegateId)).data
    const seenBy = async (token: string) => {
      const [listed] = (await ask('GET', `/v1/visits/${id}/participants`, { token })).data.data
      const read = (await ask('GET', participant.url, { token })).data
      t.same(listed, read)
      return read.delegate?.id
    }

    t.equal(participant.delegate.id, guest.delegateId)
    t.same([await seenBy(host.token), await seenBy(guest.token)], [undefined, guest.delegateId])
    await moveParticipant(participant.id, 'agree', guest.token)
    t.same([await seenBy(host.token), await seenBy(visitor.token)], [guest.delegateId, guest.delegateId])
    await moveParticipant(participant.id, 'withdraw', guest.token)
    t.same([await seenBy(host.token), await seenBy(visitor.token)], [undefined, guest.delegateId])
  },
)

t.test(
  'only a delegate with a current mandate can be nominated, and an unknown one gets the same refusal as a foreign one',
  async (t) => {
    const { visitIn, house, nominate, ask, visitor, host, stranger } = await visitWorld(t)
    const id = await visitIn('proposed')
    const hosts = await delegateOf(house, host)
    const ended = await ask('POST', '/v1/delegates', {
      token: visitor.token,
      body: { organisationId: visitor.id, displayName: 'Former' },
    })

    const foreign = await nominate(id, hosts.delegateId)
    const strange = await nominate(id, stranger.delegateId)
    const unknown = await nominate(id, absentId)
    const former = await nominate(id, ended.data.id)
    const byHost = await nominate(id, hosts.delegateId, host.token)

    for (const refused of [foreign, strange, unknown, former]) {
      t.equal(refused.statusCode, 422)
      t.match(refused.data.errors, [{ pointer: '/delegateId', code: 'no_live_mandate' }])
      t.same(plainly(refused), plainly(unknown))
    }
    t.equal(byHost.statusCode, 201, byHost.body)
    t.equal(byHost.data.side, 'host')
  },
)

t.test('an erased delegate cannot be nominated, and only their own organisation learns why', async (t) => {
  const { visitIn, nominate, ask, guest, visitor, host } = await visitWorld(t)
  const id = await visitIn('proposed')
  const erased = await ask('DELETE', `/v1/delegates/${guest.delegateId}`, {
    token: guest.token,
    headers: { 'if-match': '*' },
  })
  t.equal(erased.statusCode, 204, erased.body)

  const own = await nominate(id, guest.delegateId, visitor.token)
  const foreign = await nominate(id, guest.delegateId, host.token)
  const unknown = await nominate(id, absentId, host.token)

  t.match(own.data, { status: 410, code: 'delegate_erased' })
  t.equal(foreign.statusCode, 422, foreign.body)
  t.same(plainly(foreign), plainly(unknown))
})

t.test('a delegate can be nominated again only after withdrawing', async (t) => {
  const { visitIn, nominate, moveParticipant, guest } = await visitWorld(t)
  const id = await visitIn('proposed')

  const answers = await Promise.all([nominate(id, guest.delegateId), nominate(id, guest.delegateId)])
  const [won] = answers.filter((answer) => answer.statusCode === 201)
  await moveParticipant(won?.data['id'], 'withdraw', guest.token)
  const again = await nominate(id, guest.delegateId)

  t.same(answers.map((answer) => answer.statusCode).sort(), [201, 409])
  t.equal(answers.find((answer) => answer.statusCode === 409)?.data['code'], 'already_nominated')
  t.equal(again.statusCode, 201, again.body)
})

t.test('delegates can be nominated only before a visit begins', async (t) => {
  const { visitIn, nominate, house, visitor } = await visitWorld(t)

  for (const status of statesOf(visitLifecycle)) {
    const id = await visitIn(status, await delegateOf(house, visitor))
    const other = await delegateOf(house, visitor)
    const answer = await nominate(id, other.delegateId)
    t.equal(answer.statusCode, preparationStatuses.includes(status) ? 201 : 409, `${status} ${answer.body}`)
    if (answer.statusCode === 409)
      t.match(answer.data, { code: 'visit_status_forbids', currentStatus: status })
  }
})

t.test('moving a participant requires If-Match, and the history lists the moves', async (t) => {
  const { visitIn, participantIn, ask, guest, host, stranger } = await visitWorld(t)
  const id = await participantIn(await visitIn('proposed'), 'agreed')
  const url = `/v1/visit-participants/${id}/transitions`
  const body = { move: 'withdraw' }

  const unversioned = await ask('POST', url, { token: guest.token, body })
  const stale = await ask('POST', url, { token: guest.token, body, headers: { 'if-match': '"1.x"' } })
  const unauthorised = await ask('POST', url, { token: host.token, body, headers: { 'if-match': '"1.x"' } })
  const history = await ask('GET', url, { token: host.token })
  const foreign = await ask('GET', url, { token: stranger.token })
  const missing = await ask('GET', url.replace(id, absentId), { token: stranger.token })

  t.same([unversioned.statusCode, stale.statusCode, unauthorised.statusCode], [428, 412, 403])
  t.match(history.data.data, [{ move: 'agree', from: 'nominated', to: 'agreed', by: 'delegate' }])
  t.equal(foreign.statusCode, 404)
  t.same(plainly(foreign), plainly(missing))
  t.equal((await ask('GET', url)).statusCode, 401)
})

t.test('the list of participants has a status filter and pages', async (t) => {
  const { visitIn, nominate, house, ask, visitor } = await visitWorld(t)
  const id = await visitIn('proposed')
  const people = [
    await delegateOf(house, visitor),
    await delegateOf(house, visitor),
    await delegateOf(house, visitor),
  ]
  for (const { delegateId } of people) await nominate(id, delegateId)
  const list = async (search: string) =>
    (await ask('GET', `/v1/visits/${id}/participants?${search}`, { token: visitor.token })).data

  const first = await list('limit=2')
  const second = await list(`limit=2&cursor=${first.nextCursor}`)

  const ids = [...first.data, ...second.data].map((one: { delegate: { id: string } }) => one.delegate.id)
  t.same(ids.sort(), people.map(({ delegateId }) => delegateId).sort())
  t.equal(second.nextCursor, null)
  t.same((await list('status=ready')).data, [])
})

t.test('nominating twice with the same Idempotency-Key creates one participant', async (t) => {
  const { visitIn, ask, guest, visitor } = await visitWorld(t)
  const id = await visitIn('proposed')
  const headers = { 'idempotency-key': randomUUID() }
  const request = { token: visitor.token, headers, body: { delegateId: guest.delegateId } }

  const first = await ask('POST', `/v1/visits/${id}/participants`, request)
  const again = await ask('POST', `/v1/visits/${id}/participants`, request)

  t.equal(again.statusCode, 201)
  t.same(again.data, first.data)
})
