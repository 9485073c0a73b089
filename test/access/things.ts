/** What is asked for: one's own things and a stranger's, made by HTTP, and words that must not reach those who are not told. */
import { elevated } from '../fixtures/second-factor.ts'
import { verifiedUnion, type Person, type Union } from '../fixtures/unions.ts'
import { delegateOf, inNovember, type VisitWorld } from '../fixtures/visits.ts'
import { done, draftPact, pactIn, propose, textOf, type World } from '../fixtures/world.ts'

/** The ids that a request for one's own, for a stranger's or for an absent thing names. */
export type Things = Readonly<Record<string, string>>

/** In every text that only parties, colleagues or oneself may read: of one's own side, and of the strangers'. */
export const canaries = { own: 'kanarienvogel', strangers: 'zaunkoenig' }

type Seen = { id: string; windows: { id: string }[] }
type Made = { id: string; url: string; secret: string }

const works = { employer: 'Tractor Works', place: 'Minsk', country: 'BY', industry: '2821' }
export const told = (word: string) => ({ texts: { en: { title: word, body: word } } })

const maker =
  (house: World) =>
  async (by: { token: string }, path: string, body: object): Promise<Made> =>
    done(await house.ask('POST', path, { token: by.token, body })).data as unknown as Made

/** What one organisation has, in a world where it stands in the place of ICOG and a partner in that of the union. */
async function belongings(world: World, federation: { id: string }, word: string) {
  const { icog, union, committee } = world
  const make = maker(world)
  const person = { organisationId: icog.id, displayName: word }
  const { id: delegate } = await make(icog, '/v1/delegates', person)
  const { id: erasable } = await make(icog, '/v1/delegates', person)
  const mandate = await make(icog, `${icog.url}/mandates`, {
    delegateId: delegate,
    office: 'delegate',
    powers: [],
  })
  const client = { label: word, scopes: ['pacts:read'], organisationId: icog.id }
  const enrolment = await make(icog, `/v1/delegates/${delegate}/enrolment-links`, {})
  const offeredPact = await pactIn(world, 'negotiating', { parties: [committee], terms: told(word) })
  const offer = await make(icog, '/v1/offer-links', { pactId: offeredPact, organisationId: committee.id })
  const offeredText = await textOf(world, icog, offeredPact)
  const answerable = await draftPact(
    { ...world, icog: union },
    { parties: [icog], purpose: 'defence_of_the_persecuted' },
  )
  await propose(world, union, answerable, told(word))
  const text = await textOf(world, icog, answerable)
  const signable = await pactIn(world, 'signing', { purpose: 'strike_support', terms: told(word) })
  const signing = await textOf(world, icog, signable)
  const channels = [{ kind: 'messenger', address: word }]
  done(await world.ask('PUT', `${icog.url}/contact-channels`, { token: icog.token, body: { channels } }))
  return {
    organisation: icog.id,
    partner: union.id,
    federation: federation.id,
    worksite: (await make(icog, `${icog.url}/worksites`, works)).id,
    affiliation: (
      await make(union, `${union.url}/affiliations`, { parentId: federation.id, startsOn: '2020-01-01' })
    ).id,
    delegate,
    erasable,
    mandate: mandate.id,
    token: (await make(icog, '/v1/tokens', client)).id,
    enrolmentLink: enrolment.id,
    enrolmentSecret: enrolment.secret,
    offerLink: offer.id,
    offerSecret: offer.secret,
    offeredPact,
    offeredProposal: offeredText.proposalId,
    offeredDigest: offeredText.contentDigest,
    draft: await draftPact(world),
    answerable,
    proposal: text.proposalId,
    digest: text.contentDigest,
    signable,
    signableProposal: signing.proposalId,
    signableDigest: signing.contentDigest,
    withdrawable: await pactIn(world, 'negotiating', { terms: told(word) }),
  }
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

/** The same of two who have nothing to do with anybody here. */
export async function strangersThings(house: VisitWorld) {
  const { stranger } = house
  const word = canaries.strangers
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of ferrymen' })
  const world: World = { ...house.house, icog: stranger, union }
  const pact = await pactIn(world, 'active', { terms: told(word) })
  const visiting = { ...house.proposal(), pactId: pact, hostId: union.id, visitorId: stranger.id }
  const proposing = { ...visiting, organisationId: stranger.id, purpose: word }
  const visit = (await maker(world)(stranger, '/v1/visits', proposing)) as Made & Seen
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

/** Somebody of the other side, who shows who they are. */
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

/** Asked by one coordinator; and what was granted by the other. The second is the one who asks here. */
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

/** For the secretary of the organisation, asked by the second coordinator. */
export async function recoveryOf(house: VisitWorld, { id }: { id: string }, word: string): Promise<string> {
  const asking = await elevated(house.house, house.coordinator)
  const lost = { organisationId: id, secretary: 'Secretary', reason: word }
  return (await maker(house)(asking, '/v1/recoveries', lost)).id
}

/** One that sealed itself, and whose secretary has asked to lift the seal: from then on coordinators know of it. */
export async function sealedUnion(house: VisitWorld): Promise<string> {
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of printers' })
  const asking = { token: union.token }
  done(await house.ask('PUT', `${union.url}/seal`, asking))
  done(await house.ask('POST', `${union.url}/seal/liftings`, asking))
  return union.id
}

/** Who a guest is elsewhere, and where their visit leads. */
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

export const identityOf = (word: string) => ({
  legalName: word,
  phone: '+375 29 123 45 67',
  email: `${word}@example.org`,
  messenger: word,
  travelDocument: { number: word, country: 'BY', expiresOn: '2030-01-31' },
})

export const itineraryOf = (word: string) => ({
  items: [{ startsAt: '2020-11-06T08:00:00Z', endsAt: '2020-11-06T10:00:00Z', place: word, activity: word }],
})
