/** The requested things: one's own and a stranger's, made by HTTP, and words that must not reach unauthorised callers. */
import { elevated } from '../fixtures/second-factor.ts'
import { verifiedUnion, type Person, type Union } from '../fixtures/unions.ts'
import { delegateOf, inNovember, type VisitWorld } from '../fixtures/visits.ts'
import { done, pactIn, type World } from '../fixtures/world.ts'
import { identityOf } from '../resources/identities.ts'
import { resources } from '../resources/index.ts'
import { itineraryOf } from '../resources/itineraries.ts'
import { canaries, maker, told, type Things } from '../resources/resource.ts'

type Seen = { id: string; windows: { id: string }[] }

/** One of every resource for one organisation, which takes the place of ICOG; a partner takes that of the union. */
async function belongings(world: World, federation: { id: string }, word: string): Promise<Things> {
  let things: Things = {}
  for (const { belongings } of resources)
    things = { ...things, ...(await belongings?.({ world, federation, word, make: maker(world) }, things)) }
  return things
}

export async function thingsOf(house: VisitWorld) {
  const { host: union, guest } = house
  const proposed = done(await house.propose({ purpose: canaries.own })).data as unknown as Seen
  const acceptable = done(
    await house.propose({ organisationId: union.id, windows: [inNovember] }, union.token),
  )
  const accepted = await house.visitIn('accepted')
  const confirmable = await house.visitIn('accepted')
  await house.participantIn(confirmable, 'ready', await delegateOf(house, house.visitor))
  const { windowId } = (await house.read(confirmable)).data
  const hosting = { hostId: house.visitor.id, visitorId: union.id, windows: [inNovember] }
  const hosted = done(await house.propose(hosting)).data as unknown as Seen
  done(await house.accept(hosted))
  const toured = hosted.id
  const travelling = await house.participantIn(toured, 'ready', guest)
  const counterpart = await counterpartOn(house, toured)
  await secrets(house, { guest, host: house.visitor, visitId: toured }, canaries.own)
  done(await house.ask('PUT', `/v1/visit-participants/${travelling}/consent`, { token: guest.token }))
  const things = {
    ...(await belongings(house, house.visitor, canaries.own)),
    pact: house.pactId,
    person: guest.delegateId,
    toured,
    travelling,
    counterpart: counterpart.id,
    visit: proposed.id,
    acceptable: acceptable.data['id'] as string,
    window: (acceptable.data as unknown as Seen).windows[0]?.id ?? '',
    participant: done(await house.nominate(accepted, guest.delegateId)).data['id'] as string,
    accepted,
    confirmable,
    confirmableWindow: windowId as string,
    completed: await house.visitIn('completed', await delegateOf(house, house.visitor)),
  }
  return { things, counterpart: counterpart.person }
}

/** The same for two organisations without a relation to anybody here. */
export async function strangersThings(house: VisitWorld) {
  const { stranger } = house
  const word = canaries.strangers
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of ferrymen' })
  const world: World = { ...house.house, icog: stranger, union }
  const pact = await pactIn(world, 'active', { terms: told(word) })
  const visiting = { ...house.proposal(), pactId: pact, hostId: union.id, visitorId: stranger.id }
  const proposing = { ...visiting, organisationId: stranger.id, purpose: word }
  const visit = (await maker(world)(stranger, '/v1/visits', proposing)) as unknown as Seen & { id: string }
  const federation = await verifiedUnion(house, house.coordinator, {
    kind: 'federation',
    name: 'Federation of ports',
  })
  const things = await belongings(world, federation, word)
  const guest = await delegateOf(house, stranger)
  await secrets(world, { guest, host: union, visitId: visit.id }, word)
  const nominating = { delegateId: guest.delegateId }
  const participant = await maker(world)(stranger, `/v1/visits/${visit.id}/participants`, nominating)
  const window = visit.windows[0]?.id ?? ''
  const visits = {
    visit: visit.id,
    toured: visit.id,
    acceptable: visit.id,
    accepted: visit.id,
    confirmable: visit.id,
    completed: visit.id,
  }
  return {
    ...things,
    ...visits,
    pact,
    window,
    confirmableWindow: window,
    person: guest.delegateId,
    participant: participant.id,
    travelling: participant.id,
    counterpart: participant.id,
  }
}

/** A delegate of the other side who has consented to show their identity. */
async function counterpartOn(house: VisitWorld, visitId: string): Promise<{ id: string; person: Person }> {
  const { host, ask } = house
  const person = await elevated(house.house, await delegateOf(house, host))
  const { token } = person
  done(
    await ask('PUT', `/v1/delegates/${person.delegateId}/identity`, {
      token,
      body: identityOf(canaries.own),
    }),
  )
  const { id } = done(await house.nominate(visitId, person.delegateId, host.token)).data
  done(await house.moveParticipant(id, 'agree', token))
  done(await ask('PUT', `/v1/visit-participants/${id}/consent`, { token }))
  return { id: id as string, person }
}

/** One disclosure that one coordinator requested, and one that the other granted. The caller here is the second coordinator. */
export async function disclosuresOf(
  house: VisitWorld,
  person: string,
  second: { token: string },
  word: string,
) {
  const [asked, granted] = await Promise.all(
    [1, 2].map(() =>
      maker(house)(house.coordinator, '/v1/disclosures', { delegateId: person, reason: word }),
    ),
  )
  done(await house.ask('POST', `${granted?.url}/grants`, { token: second.token }))
  return { disclosure: asked?.id ?? '', granted: granted?.id ?? '' }
}

/** A recovery for the secretary of the organisation, requested by the second coordinator. */
export async function recoveryOf(house: VisitWorld, { id }: { id: string }, word: string): Promise<string> {
  const asking = await elevated(house.house, house.coordinator)
  const lost = { organisationId: id, secretary: 'Secretary', reason: word }
  return (await maker(house)(asking, '/v1/recoveries', lost)).id
}

/** A sealed organisation whose secretary has asked to lift the seal, so that coordinators know of it. */
export async function sealedUnion(house: VisitWorld): Promise<string> {
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of printers' })
  const asking = { token: union.token }
  done(await house.ask('PUT', `${union.url}/seal`, asking))
  done(await house.ask('POST', `${union.url}/seal/liftings`, asking))
  return union.id
}

/** The identity of a guest elsewhere, and the itinerary of their visit. */
async function secrets(
  world: World,
  { guest, host, visitId }: { guest: Person; host: Union; visitId: string },
  word: string,
): Promise<void> {
  const put = async (by: { token: string }, path: string, body: object) =>
    done(await world.ask('PUT', path, { token: by.token, body }))
  for (const person of [guest, host]) await elevated(world, person)
  await put(guest, `/v1/delegates/${guest.delegateId}/identity`, identityOf(word))
  await put(host, `/v1/visits/${visitId}/itinerary`, itineraryOf(word))
}
