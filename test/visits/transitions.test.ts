import t from 'tap'
import { movesOf, statesOf } from '../../src/platform/lifecycle/lifecycle.ts'
import { visitLifecycle, type VisitMove } from '../../src/visits/lifecycle.ts'
import { absentId, plainly } from '../fixtures/unions.ts'
import { delegateOf, friday, inNovember, overTheChange, visitWorld } from '../fixtures/visits.ts'

t.test('every move of a visit in every status follows the lifecycle table', async (t) => {
  const {
    house,
    visitIn,
    read,
    accept,
    reschedule,
    confirm,
    move,
    at,
    report,
    participantIn,
    host,
    visitor,
    guest,
  } = await visitWorld(t)
  const entitled = host.token
  const asked: Record<
    Exclude<VisitMove, 'retime'>,
    (id: string) => Promise<{ statusCode: number; data: Record<string, any> }>
  > = {
    accept: async (id) =>
      accept((await read(id)).data as { id: string; windows: { id: string }[] }, entitled),
    reschedule: (id) =>
      reschedule(id, visitor.token, [{ startsAt: '2021-05-01T09:00', endsAt: '2021-05-02T09:00' }]),
    confirm: (id) => confirm(id, host.token),
    report: (id) => report(id, host.token),
    decline: (id) => move(id, 'decline', entitled),
    cancel: (id) => move(id, 'cancel', visitor.token),
    start: (id) => at(friday, () => move(id, 'start', host.token)),
    complete: (id) => move(id, 'complete', host.token),
  }

  for (const status of statesOf(visitLifecycle)) {
    for (const name of movesOf(visitLifecycle)) {
      // No request makes this move: see retiming.test.ts.
      if (name === 'retime') continue
      // Each visit has its own traveller, because the visits of this table overlap.
      const travels = !['proposed', 'rescheduling', 'declined', 'cancelled'].includes(status)
      const traveller = travels ? await delegateOf(house, visitor) : guest
      const id = await visitIn(status, traveller)
      if (status === 'accepted' && name === 'confirm') await participantIn(id, 'ready', traveller)
      const mover = ['reschedule', 'cancel'].includes(name) ? visitor : host
      const before = (await read(id, mover.token)).data

      const answer = await asked[name](id)

      const after = (await read(id)).data
      const to = (visitLifecycle[status] as Partial<Record<VisitMove, string>>)[name]
      // One side's confirmation or report waits for the other side's.
      const alone = name === 'confirm' || name === 'report'
      if (to !== undefined) {
        t.ok(answer.statusCode < 300, `${status} ${name}: ${answer.statusCode}`)
        t.equal(after['status'], alone ? status : to, `${status} ${name}`)
        t.equal(after['version'], before['version'] + 1, `${status} ${name} raises the version`)
      } else {
        t.equal(answer.statusCode, 409, `${status} ${name}`)
        t.equal(after['status'], status)
        t.equal(after['version'], before['version'])
        if (answer.data['code'] === 'move_not_allowed') {
          t.equal(answer.data['currentStatus'], status)
          const asker = name === 'reschedule' || name === 'cancel' ? visitor : host
          const { allowedMoves } = (await read(id, asker.token)).data
          t.same(
            answer.data['allowedMoves'],
            allowedMoves,
            `${status} ${name}: what one could ask for instead`,
          )
        } else t.match(answer.data['code'], /^already_(confirmed|reported)$/, `${status} ${name}`)
      }
    }
  }
})

t.test('the other side accepts one window of a visit, and both sides see its times', async (t) => {
  const { propose, accept, ask, askFresh, host, visitor, entriesOf } = await visitWorld(t)
  const visit = (await propose({ windows: [inNovember, overTheChange] })).data
  const url = `/v1/visits/${visit.id}/acceptances`
  const body = { windowId: visit.windows[1].id }

  const own = await askFresh('POST', url, { token: visitor.token, body })
  const unknown = await askFresh('POST', url, { token: host.token, body: { windowId: absentId } })
  const unversioned = await ask('POST', url, { token: host.token, body })
  const stale = await ask('POST', url, { token: host.token, body, headers: { 'if-match': '"7.x"' } })
  const accepted = await askFresh('POST', url, { token: host.token, body })
  const twice = await accept({ id: visit.id, windows: visit.windows })

  t.equal(own.statusCode, 403)
  t.match(own.data.detail, 'a delegate of the host')
  t.equal(unknown.statusCode, 422)
  t.match(unknown.data.errors, [{ pointer: '/windowId', code: 'unknown_window' }])
  t.equal(unversioned.statusCode, 428)
  t.equal(stale.statusCode, 412)
  t.equal(accepted.statusCode, 201, accepted.body)
  t.match(accepted.data, {
    status: 'accepted',
    windowId: body.windowId,
    startsAt: '2020-10-23T07:00:00.000Z',
    endsAt: '2020-10-27T16:00:00.000Z',
    startsAtLocal: '2020-10-23T09:00+02:00',
    endsAtLocal: '2020-10-27T17:00+01:00',
    allowedMoves: ['confirm', 'reschedule', 'cancel'],
  })
  t.equal(twice.statusCode, 409)
  t.match((await entriesOf(visit.id)).at(-1), {
    type: 'visit.moved',
    move: 'accept',
    fromStatus: 'proposed',
    toStatus: 'accepted',
    organisationId: host.id,
  })
})

t.test('of two concurrent acceptances of a visit, one succeeds', async (t) => {
  const { propose, read, ask, host } = await visitWorld(t)
  const visit = (await propose({ windows: [inNovember, overTheChange] })).data
  const headers = { 'if-match': String((await read(visit.id, host.token)).headers.etag) }
  const choose = (windowId: string) =>
    ask('POST', `/v1/visits/${visit.id}/acceptances`, { token: host.token, headers, body: { windowId } })

  const answers = await Promise.all([choose(visit.windows[0].id), choose(visit.windows[1].id)])

  t.same(answers.map((answer) => answer.statusCode).sort(), [201, 412])
  t.equal((await read(visit.id)).data.version, 2)
})

t.test('the side that was asked can decline a visit, and the side that offered can cancel it', async (t) => {
  const { propose, move, host, visitor } = await visitWorld(t)
  const { id } = (await propose()).data

  const own = await move(id, 'decline', visitor.token)
  const declined = await move(id, 'decline', host.token)
  const late = await move(id, 'cancel', visitor.token)

  t.equal(own.statusCode, 403)
  t.equal(declined.statusCode, 200)
  t.match(declined.data, { status: 'declined', allowedMoves: [] })
  t.equal(late.statusCode, 409)
})

t.test('cancelling a visit requires a reason, which the history shows', async (t) => {
  const { visitIn, askFresh, ask, host, visitor } = await visitWorld(t)
  const id = await visitIn('accepted')
  const url = `/v1/visits/${id}/transitions`

  const silent = await askFresh('POST', url, { token: host.token, body: { move: 'cancel' } })
  const told = await askFresh('POST', url, {
    token: host.token,
    body: { move: 'cancel', reason: 'A strike.' },
  })

  t.equal(silent.statusCode, 422)
  t.match(silent.data.errors, [{ pointer: '/reason', code: 'required' }])
  t.equal(told.statusCode, 200)
  const history = (await ask('GET', url, { token: visitor.token })).data
  t.match(history.data, [
    { move: 'accept', from: 'proposed', to: 'accepted', reason: null },
    { move: 'cancel', from: 'accepted', to: 'cancelled', reason: 'A strike.', by: 'delegate' },
  ])
})

t.test('rescheduling a visit voids its old windows, confirmations and bookings', async (t) => {
  const { visitIn, reschedule, accept, participantIn, confirm, ask, host, visitor } = await visitWorld(t)
  const id = await visitIn('accepted')
  const participant = await participantIn(id, 'ready')
  await confirm(id, host.token)

  const moved = await reschedule(id, host.token)
  const own = await accept(moved.data as { id: string; windows: { id: string }[] }, host.token)
  const booking = (await ask('GET', `/v1/visit-participants/${participant}`, { token: visitor.token })).data
    .booking
  const again = await accept(moved.data as { id: string; windows: { id: string }[] }, visitor.token)

  t.equal(moved.statusCode, 201, moved.body)
  t.match(moved.data, {
    status: 'rescheduling',
    offeredBy: 'host',
    windowId: null,
    startsAt: null,
    confirmedBy: [],
  })
  t.equal(own.statusCode, 403)
  t.equal(booking, null)
  t.match(again.data, { status: 'accepted', startsAt: '2020-11-06T08:00:00.000Z', confirmedBy: [] })
  const held = (await ask('GET', `/v1/visit-participants/${participant}`, { token: visitor.token })).data
    .booking
  t.equal(held.status, 'held')
})

t.test('rescheduling validates windows in the time zone of the visit, as proposing does', async (t) => {
  const { visitIn, reschedule, host } = await visitWorld(t)
  const id = await visitIn('accepted')

  const refused = await reschedule(id, host.token, [
    { startsAt: '2021-03-28T02:30', endsAt: '2021-03-29T09:00' },
    { startsAt: '2020-12-02T09:00', endsAt: '2020-12-01T09:00' },
  ])

  t.equal(refused.statusCode, 422)
  t.match(refused.data.errors, [
    { pointer: '/windows/0/startsAt', code: 'nonexistent_local_time' },
    { pointer: '/windows/1/endsAt', code: 'ends_before_it_starts' },
  ])
})

t.test('rescheduling can change the time zone of a visit', async (t) => {
  const { visitIn, askFresh, read, accept, ask, host, visitor, entriesOf } = await visitWorld(t)
  const id = await visitIn('accepted')
  const offer = (body: object) =>
    askFresh('POST', `/v1/visits/${id}/reschedulings`, {
      token: host.token,
      body: { ...body, reason: 'Wrong zone.' },
    })

  const unknown = await offer({ windows: [inNovember], timeZone: 'Europe/Stuttgart' })
  // In Berlin that hour of the night is skipped; in Minsk it exists.
  const night = { startsAt: '2021-03-28T02:30', endsAt: '2021-03-28T09:00' }
  const moved = await offer({ windows: [inNovember, night], timeZone: 'Europe/Minsk' })
  const accepted = await accept(moved.data as { id: string; windows: { id: string }[] }, visitor.token)

  t.match(unknown.data, { status: 422, errors: [{ pointer: '/timeZone', code: 'unknown_time_zone' }] })
  t.equal(moved.statusCode, 201, moved.body)
  t.match(moved.data, { status: 'rescheduling', timeZone: 'Europe/Minsk', confirmedBy: [] })
  t.match(accepted.data, { startsAt: '2020-11-06T06:00:00.000Z', startsAtLocal: '2020-11-06T09:00+03:00' })
  t.match((await read(id)).data, { status: 'accepted', timeZone: 'Europe/Minsk' })
  const told = { timeZone: { before: 'Europe/Berlin', after: 'Europe/Minsk' } }
  t.match((await entriesOf(id)).find(({ move }) => move === 'reschedule')?.details, told)
  const history = (await ask('GET', `/v1/visits/${id}/transitions`, { token: visitor.token })).data['data']
  t.same(history.find(({ move }: { move: string }) => move === 'reschedule').details, told)
})

t.test('jobs start and complete a visit when its time comes', async (t) => {
  const { visitIn, read, sweep, travelTo, entriesOf } = await visitWorld(t)
  const id = await visitIn('confirmed')
  const statusAt = async (instant: string) => {
    travelTo(instant)
    await sweep('visits.start')
    await sweep('visits.complete')
    return (await read(id)).data.status
  }

  t.equal(await statusAt('2020-10-23T06:59:59.999Z'), 'confirmed')
  t.equal(await statusAt('2020-10-23T07:00:00.000Z'), 'in_progress')
  t.equal(await statusAt('2020-10-27T15:59:59.999Z'), 'in_progress')
  t.equal(await statusAt('2020-10-27T16:00:00.000Z'), 'completed')
  t.equal(await statusAt('2020-10-27T17:00:00.000Z'), 'completed')
  const entries = (await entriesOf(id)).filter((entry) => entry.actorKind === 'system')
  t.same(
    entries.map((entry) => entry.move),
    ['start', 'complete'],
  )
})

t.test('only the two sides of a visit can see it, and others get 404', async (t) => {
  const { visitIn, house, ask, stranger, operatorToken, visitor, guest } = await visitWorld(t)
  const id = await visitIn('accepted')
  const powerless = await delegateOf(house, visitor)
  const at = (one: string) =>
    [
      ['GET', `/v1/visits/${one}`],
      ['GET', `/v1/visits/${one}/transitions`],
      ['GET', `/v1/visits/${one}/participants`],
      ['GET', `/v1/visits/${one}/reports`],
      ['POST', `/v1/visits/${one}/acceptances`, { windowId: absentId }],
      ['POST', `/v1/visits/${one}/confirmations`, { windowId: absentId }],
      ['POST', `/v1/visits/${one}/reschedulings`, { windows: [inNovember], reason: 'Later.' }],
      ['POST', `/v1/visits/${one}/participants`, { delegateId: guest.delegateId }],
      ['POST', `/v1/visits/${one}/reports`, { text: 'We met.', language: 'en' }],
      ['POST', `/v1/visits/${one}/transitions`, { move: 'cancel', reason: 'No.' }],
    ] as const
  const headers = { 'if-match': '*' }

  for (const [position, [method, url, body]] of at(id).entries()) {
    const [, urlOfMissing] = at(absentId)[position] ?? ['GET', '']
    const asking = { headers, ...(body && { body }) }
    const foreign = await ask(method, url, { ...asking, token: stranger.token })
    const missing = await ask(method, urlOfMissing, { ...asking, token: stranger.token })
    t.equal(foreign.statusCode, 404, url)
    t.same(plainly(foreign), plainly(missing), url)
    t.equal((await ask(method, url, asking)).statusCode, 401, url)
    t.equal((await ask(method, url, { ...asking, token: operatorToken })).statusCode, 403, url)
    const member = await ask(method, url, { ...asking, token: powerless.token })
    t.equal(member.statusCode, method === 'GET' ? 200 : 403, `${method} ${url}`)
  }
})

t.test('a delegate whose mandate ended can no longer see the visit', async (t) => {
  const { visitIn, read, askFresh, guest, visitor, ask } = await visitWorld(t)
  const id = await visitIn('accepted')
  t.equal((await read(id, guest.token)).statusCode, 200)
  const mandates = (await ask('GET', `/v1/organisations/${visitor.id}/mandates`, { token: visitor.token }))
    .data.data
  const { id: mandateId } = mandates.find(
    (one: { delegate: { id: string } }) => one.delegate.id === guest.delegateId,
  )

  const body = { move: 'recall' }
  await askFresh('POST', `/v1/mandates/${mandateId}/transitions`, { token: visitor.token, body })

  t.equal((await read(id, guest.token)).statusCode, 404)
})
