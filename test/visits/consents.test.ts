import t, { type Test } from 'tap'
import { elevated } from '../fixtures/second-factor.ts'
import { ledgerOf } from '../fixtures/unions.ts'
import { delegateOf, visitWorld, type Traveller } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

/** A visit with somebody of each side who has agreed to come, and wrote who they are. */
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
  return { ...house, receiver, visitId, guests, receivers, consent, withdraw, read }
}

t.test('two who meet learn who the other is when both want it, and no sooner', async (t) => {
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
  t.match((await read(guests, receiver)).data, { code: 'consent_missing' }, 'taken back, it closes for both')
  t.match((await read(receivers, guest)).data, { code: 'consent_missing' })
  const told = await ledgerOf(house, receivers)
  t.same(told.map(({ type }) => type).slice(-2), ['participant.consented', 'participant.consent_withdrawn'])
})

t.test(
  'consent opens nothing to others: colleagues, secretaries, those of one’s own side, strangers',
  async (t) => {
    const house = await counterparts(t)
    const { guest, receiver, guests, receivers, consent, read, visitor, host, stranger } = house
    done(await consent(guests, guest))
    done(await consent(receivers, receiver))
    const fellow = await elevated(house.house, await delegateOf(house, visitor))
    const fellows = await house.participantIn(house.visitId, 'agreed', fellow)
    done(await consent(fellows, fellow))
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
    t.equal((await read(receivers, fellow)).statusCode, 200, 'whoever consented on the other side reads it')
  },
)

t.test('it ends with the journey: who withdraws, a visit called off, fourteen days after', async (t) => {
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

t.test('without a fresh factor nothing is shown, and whoever has not agreed cannot consent', async (t) => {
  const house = await counterparts(t)
  const { guest, receiver, guests, receivers, consent, read, travelTo, now } = house
  done(await consent(guests, guest))
  done(await consent(receivers, receiver))
  const late = await delegateOf(house, house.visitor)
  const nominated = done(await house.nominate(house.visitId, late.delegateId)).data['id'] as string

  t.match((await consent(nominated, late)).data, { status: 409, code: 'not_taking_part' })
  travelTo(new Date(now().getTime() + 15 * 60_000).toISOString())
  t.match((await read(receivers, guest)).data, { code: 'second_factor_needed' })
})
