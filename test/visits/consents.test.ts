import t, { type Test } from 'tap'
import { elevated, freshlyElevated } from '../fixtures/second-factor.ts'
import { ledgerOf } from '../fixtures/unions.ts'
import { delegateOf, visitWorld, type Traveller } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

/** A visit with a delegate of each side who has agreed to come and has written their identity. */
async function counterparts(t: Test) {
  const house = await visitWorld(t)
  const { ask, guest, host } = house
  const receiver = await delegateOf(house, host)
  const visitId = await house.visitIn('accepted')
  const join = async (person: Traveller, by: { token: string }) => {
    await elevated(house.house, person)
    const body = { legalName: `Name of ${person.delegateId}` }
    done(await ask('PUT', `/v1/delegates/${person.delegateId}/identity`, { token: person.token, body }))
    const { id } = done(await house.nominate(visitId, person.delegateId, by.token)).data
    done(await house.moveParticipant(id, 'agree', person.token))
    return id as string
  }
  const [guests, receivers] = [await join(guest, house.visitor), await join(receiver, host)]
  const consent = (id: string, { token }: Traveller) =>
    ask('PUT', `/v1/visit-participants/${id}/consent`, { token })
  const withdraw = (id: string, { token }: Traveller) =>
    ask('DELETE', `/v1/visit-participants/${id}/consent`, { token })
  const read = (id: string, { token }: { token: string }) =>
    ask('GET', `/v1/visit-participants/${id}/identity`, { token })
  return { ...house, receiver, visitId, guests, receivers, join, consent, withdraw, read }
}

/** Both have consented, and read each other's identity. */
async function acquainted(t: Test) {
  const house = await counterparts(t)
  done(await house.consent(house.guests, house.guest))
  done(await house.consent(house.receivers, house.receiver))
  const shownTo = async () =>
    [await house.read(house.receivers, house.guest), await house.read(house.guests, house.receiver)].map(
      ({ data, statusCode }) => (statusCode === 200 ? 'shown' : data['code']),
    )
  t.same(await shownTo(), ['shown', 'shown'])
  return { ...house, shownTo }
}

t.test(
  'two participants of a visit can read each other’s identity only when both have consented',
  async (t) => {
    const { house, ask, guest, receiver, guests, receivers, consent, withdraw, read } = await counterparts(t)

    t.match((await read(guests, receiver)).data, { status: 403, code: 'consent_missing' })
    const given = done(await consent(guests, guest))
    t.equal(given.data['consentedAt'], house.now().toISOString())
    t.match((await read(guests, receiver)).data, { code: 'consent_missing' }, 'not by the consent of one')
    t.match((await read(receivers, guest)).data, { code: 'consent_missing' })
    done(await consent(receivers, receiver))
    t.match((await read(guests, receiver)).data, { legalName: `Name of ${guest.delegateId}` })
    t.match((await read(receivers, guest)).data, { legalName: `Name of ${receiver.delegateId}` })
    const reads = (await ask('GET', '/v1/me/identity-reads', { token: guest.token })).data['data']
    t.match(reads, [{ readerId: receiver.delegateId, participantId: guests, disclosureId: null }])
    t.equal(reads.length, 1)
    done(await withdraw(receivers, receiver))
    t.match(
      (await read(guests, receiver)).data,
      { code: 'consent_missing' },
      'taken back, it closes for both',
    )
    t.match((await read(receivers, guest)).data, { code: 'consent_missing' })
    const told = await ledgerOf(house, receivers)
    t.same(told.map(({ type }) => type).slice(-2), ['participant.consented', 'participant.consent_withdrawn'])
  },
)

t.test(
  'a consent discloses an identity to nobody but participants of the other side who consented',
  async (t) => {
    const house = await counterparts(t)
    const { guest, receiver, guests, receivers, consent, read, visitor, host, stranger } = house
    done(await consent(guests, guest))
    done(await consent(receivers, receiver))
    const fellow = await elevated(house.house, await delegateOf(house, visitor))
    const fellows = await house.participantIn(house.visitId, 'agreed', fellow)
    t.match((await consent(fellows, fellow)).data, { status: 403, code: 'own_identity_missing' })
    for (const person of [visitor, host, stranger]) await elevated(house.house, person)

    for (const person of [visitor, host, fellow]) t.equal((await read(guests, person)).statusCode, 403)
    t.equal((await read(guests, guest)).statusCode, 403, 'one’s own is read elsewhere')
    t.equal((await read(guests, stranger)).statusCode, 404)
    t.equal((await read(guests, house.coordinator)).statusCode, 403)
    for (const person of [visitor, host, receiver, fellow])
      t.equal(
        (await consent(guests, { ...guest, token: person.token })).statusCode,
        403,
        'nor does anybody consent for them',
      )
    t.match(
      (await read(receivers, fellow)).data,
      { code: 'consent_missing' },
      'whoever shows nothing is shown nothing',
    )
  },
)

t.test('disclosure ends with a withdrawal, a cancelled visit, or 14 days after the visit', async (t) => {
  const house = await counterparts(t)
  const { guest, receiver, guests, receivers, consent, read, visitId, travelTo } = house
  done(await consent(guests, guest))
  done(await consent(receivers, receiver))
  t.equal((await read(receivers, guest)).statusCode, 200)

  travelTo('2020-11-10T15:59:00.000Z')
  await elevated(house.house, guest)
  t.equal((await read(receivers, guest)).statusCode, 200)
  travelTo('2020-11-10T16:00:00.000Z')
  t.match((await read(receivers, guest)).data, { code: 'consent_missing' })
  travelTo('2020-08-20T11:00:00.000Z')
  await elevated(house.house, guest)
  done(await house.moveParticipant(receivers, 'withdraw', receiver.token))
  t.not((await read(receivers, guest)).statusCode, 200)
  done(await house.move(visitId, 'cancel', house.visitor.token))
  t.not((await read(receivers, guest)).statusCode, 200)
})

t.test(
  'reading an identity requires a recent second-factor code, and consent requires taking part',
  async (t) => {
    const house = await counterparts(t)
    const { guest, receiver, guests, receivers, consent, read, travelTo, now } = house
    done(await consent(guests, guest))
    done(await consent(receivers, receiver))
    const late = await delegateOf(house, house.visitor)
    const nominated = done(await house.nominate(house.visitId, late.delegateId)).data['id'] as string

    t.match((await consent(nominated, late)).data, { status: 409, code: 'not_taking_part' })
    travelTo(new Date(now().getTime() + 15 * 60_000).toISOString())
    t.match((await read(receivers, guest)).data, { code: 'second_factor_needed' })
  },
)

t.test('reading the identity of another participant requires an own legal name at every read', async (t) => {
  const { ask, guest, receiver, guests, receivers, consent, read, shownTo } = await acquainted(t)
  const identity = `/v1/delegates/${guest.delegateId}/identity`
  const write = (body: object) => ask('PUT', identity, { token: guest.token, body })

  done(await write({ messenger: 'x' }))
  t.match((await read(receivers, guest)).data, { status: 403, code: 'own_identity_missing' })
  t.match((await consent(guests, guest)).data, { status: 403, code: 'own_identity_missing' })
  done(await ask('DELETE', identity, { token: guest.token, headers: { 'if-match': '*' } }))
  t.match((await read(receivers, guest)).data, { code: 'own_identity_missing' })
  const missing = (await read(guests, receiver)).data
  t.match(missing, { status: 404, code: 'others_identity_missing' })
  t.notMatch(missing['detail'], /PUT/, 'it is not the reader who has to write')
  done(await write({ legalName: 'Vesna Example' }))
  t.same(await shownTo(), ['shown', 'shown'])
})

t.test(
  'a consent covers participants nominated before it, and a new consent covers later ones',
  async (t) => {
    const house = await acquainted(t)
    const { host, guest, guests, consent, read, travelTo, now, join } = house
    travelTo(new Date(now().getTime() + 60_000).toISOString())
    const late = await delegateOf(house, host)
    const lates = await join(late, host)
    done(await consent(lates, late))

    t.match((await read(guests, late)).data, { code: 'consent_missing' })
    t.match((await read(lates, guest)).data, { code: 'consent_missing' }, 'nor the other way')
    const renewed = done(await consent(guests, guest)).data
    t.equal(renewed['consentedAt'], now().toISOString())
    t.equal((await read(guests, late)).statusCode, 200)
    t.equal((await read(lates, guest)).statusCode, 200)
  },
)

t.test(
  'reading an identity requires a current mandate of both, and withdrawing consent does not',
  async (t) => {
    const house = await acquainted(t)
    const { ask, guest, guests, withdraw, read, recall, receiver, shownTo } = house
    done(await recall(guest))

    t.match((await read(guests, receiver)).data, { code: 'consent_missing' })
    t.same(await shownTo(), ['participant_not_found', 'consent_missing'])
    t.equal((await ask('GET', `/v1/visit-participants/${guests}`, { token: guest.token })).statusCode, 404)
    for (let i = 0; i < 2; i++) t.equal((await withdraw(guests, guest)).statusCode, 204)
    const { rows } = await house.house.database.read.$client.query(
      'select 1 from visit_participants where consented_at is not null and id = $1',
      [guests],
    )
    t.equal(rows.length, 0)
    t.equal((await ledgerOf(house.house, guests)).at(-1)?.type, 'participant.consent_withdrawn')
  },
)

t.test('withdrawing the consent of a stranger’s visit answers 404', async (t) => {
  const { guest, receiver, guests, stranger, withdraw, shownTo } = await acquainted(t)

  t.equal((await withdraw(guests, { ...guest, token: stranger.token })).statusCode, 404)
  t.equal((await withdraw(guests, { ...guest, token: receiver.token })).statusCode, 403)
  t.same(await shownTo(), ['shown', 'shown'])
})

t.test(
  'while a side is suspended no identity is disclosed, and its participants can still withdraw consent',
  async (t) => {
    const house = await acquainted(t)
    const { host, guests, receiver, receivers, withdraw, shownTo, suspend } = house

    await suspend(host)

    t.same(await shownTo(), ['consent_missing', 'participant_not_found'])
    t.equal((await withdraw(receivers, receiver)).statusCode, 204)
    t.equal((await ledgerOf(house.house, receivers)).at(-1)?.type, 'participant.consent_withdrawn')
    t.not((await ledgerOf(house.house, guests)).at(-1)?.type, 'participant.consent_withdrawn')
  },
)

t.test('losing the second factor withdraws all consents, and a new factor waits 48 hours', async (t) => {
  const house = await acquainted(t)
  const { ask, guest, guests, receivers, consent, read, shownTo, travelTo, now } = house
  const { token } = guest
  t.equal((await ask('DELETE', '/v1/me/second-factor', { token })).statusCode, 204)
  await freshlyElevated(house.house, guest)

  t.same(await shownTo(), ['consent_missing', 'consent_missing'])
  const body = { legalName: 'Whoever stole it' }
  done(await ask('PUT', `/v1/delegates/${guest.delegateId}/identity`, { token, body }))
  done(await consent(guests, guest))
  const refused = (await read(receivers, guest)).data
  t.match(refused, { status: 403, code: 'second_factor_too_new' })
  t.match(refused['detail'], new Date(now().getTime() + 48 * 3_600_000).toISOString())
  t.match((await ledgerOf(house.house, guests)).map(({ type }) => type).slice(-2), [
    'participant.consent_withdrawn',
    'participant.consented',
  ])
  travelTo(new Date(now().getTime() + 48 * 3_600_000).toISOString())
  await elevated(house.house, guest)
  t.equal((await read(receivers, guest)).statusCode, 200)
})

t.test('a visit that was called off discloses no identity', async (t) => {
  const { visitId, move, visitor, guest, receiver, guests, receivers, read } = await acquainted(t)

  done(await move(visitId, 'cancel', visitor.token))

  t.not((await read(receivers, guest)).statusCode, 200)
  t.not((await read(guests, receiver)).statusCode, 200)
})
