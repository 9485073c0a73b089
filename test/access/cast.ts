/** Fourteen who ask, the things that they ask for, and words that must not reach those who are not told. */
import type { Test } from 'tap'
import { scopes } from '../../src/platform/access.ts'
import type { Database } from '../../src/platform/database.ts'
import { elevated, nextCode } from '../fixtures/second-factor.ts'
import {
  absentId,
  openCoordination,
  registerUnion,
  verifiedUnion,
  type Person,
  type Union,
} from '../fixtures/unions.ts'
import { delegateOf, inNovember, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done, draftPact, instantAfter, pactIn, propose, textOf, type World } from '../fixtures/world.ts'

export const principals = [
  'anonymous',
  'link holder',
  'delegate',
  'secretary',
  'coordinator',
  'operator',
  'API client',
  'provisional secretary',
  'foreign secretary',
  'ex-delegate',
  'expired link',
  'revoked token',
  'wrong scope',
  'suspended secretary',
] as const
export type Principal = (typeof principals)[number]

/** The ids that a request for one's own, for a stranger's or for an absent thing names. */
export type Things = Readonly<Record<string, string>>
export type Cast = Awaited<ReturnType<typeof cast>>

/** In every text that only parties, colleagues or oneself may read: of one's own side, and of the strangers'. */
export const canaries = { own: 'kanarienvogel', strangers: 'zaunkoenig' }

export async function cast(t: Test) {
  const undoing = { on: false }
  const house = await visitWorld(t, { wrap: (database) => undone(database, undoing) })
  const things = await thingsOf(house)
  const strangers = await strangersThings(house)
  const suspended = await suspendedUnion(house)
  const provisional = await registerUnion(house, { name: 'Union of weavers' })
  const tokens: Readonly<Record<string, string | undefined>> = {
    ...(await tokensOf(house, things)),
    'provisional secretary': provisional.token,
    'suspended secretary': suspended.token,
  }
  const second = { token: tokens['coordinator'] ?? '', delegateId: '' }
  for (const coordinator of [house.coordinator, second]) await elevated(house.house, coordinator)
  const own: Things = {
    ...things,
    ...(await disclosuresOf(house, house.guest.delegateId, second, canaries.own)),
  }
  const foreign: Things = {
    ...strangers,
    ...(await disclosuresOf(house, strangers.person, second, canaries.strangers)),
  }
  // Whoever is refused is so although they gave their second factor a moment ago.
  for (const person of [house.guest, house.visitor, house.stranger, provisional, second])
    await elevated(house.house, person)
  undoing.on = true
  const absent = Object.fromEntries(Object.keys(own).map((name) => [name, absentId]))
  const ownOf = (principal: Principal): Things => ({
    ...own,
    ...(principal.includes('link') && {
      pact: own['offeredPact'],
      answerable: own['offeredPact'],
    }),
    ...(principal === 'provisional secretary' && peopleOf(provisional)),
    ...(principal === 'suspended secretary' && { ...peopleOf(suspended), pact: suspended.pactId }),
  })
  return {
    house: house.house,
    proposal: house.proposal,
    committee: house.committee.id,
    /** Of the delegate's authenticator. */
    code: nextCode(house.house, house.guest),
    thingsFor: (principal: Principal, whose: 'own' | 'foreign' | 'absent'): Things =>
      whose === 'own' ? ownOf(principal) : { ...own, ...(whose === 'absent' ? absent : foreign) },
    tokenOf: (principal: Principal, path: string): string | undefined =>
      tokens[
        principal === 'wrong scope' && path.startsWith('/v1/visit') ? 'wrong scope for visits' : principal
      ],
  }
}

const peopleOf = ({ id, delegateId, mandateId }: Union): Things => ({
  organisation: id,
  delegate: delegateId,
  mandate: mandateId,
})

/** What a request writes is read by its answer and then undone, so that each meets the same world. */
function undone<Kind extends Database>(database: Kind, undoing: { on: boolean }): Kind {
  return {
    ...database,
    as: (scope) => undone(database.as(scope), undoing),
    transaction: async <T>(work: Parameters<typeof database.transaction<T>>[0]): Promise<T> => {
      if (!undoing.on) return database.transaction(work)
      const end = new Error('undone')
      let result: { value: T } | undefined
      await database
        .transaction(async (tx) => {
          result = { value: await work(tx) }
          throw end
        })
        .catch((error: unknown) => {
          if (error !== end) throw error
        })
      return (result as { value: T }).value
    },
  }
}

type Seen = { id: string; windows: { id: string }[] }
type Made = { id: string; url: string; secret: string }

const works = { employer: 'Tractor Works', place: 'Minsk', country: 'BY', industry: '2821' }
const told = (word: string) => ({ texts: { en: { title: word, body: word } } })

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

async function thingsOf(house: VisitWorld) {
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
  return {
    ...(await belongings(house, house.visitor, canaries.own)),
    pact: house.pactId,
    person: guest.delegateId,
    toured,
    travelling,
    counterpart,
    visit: proposed.id,
    acceptable: acceptable.data['id'] as string,
    window: (acceptable.data as unknown as Seen).windows[0]?.id ?? '',
    participant: done(await house.nominate(accepted, guest.delegateId)).data['id'] as string,
    accepted,
    confirmable,
    confirmableWindow: windowId as string,
    completed: await house.visitIn('completed', await delegateOf(house, house.visitor)),
  }
}

/** The same of two who have nothing to do with anybody here. */
async function strangersThings(house: VisitWorld) {
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
async function counterpartOn(house: VisitWorld, visitId: string): Promise<string> {
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
  return id as string
}

/** Asked by one coordinator; and what was granted by the other. The second is the one who asks here. */
async function disclosuresOf(house: VisitWorld, person: string, second: { token: string }, word: string) {
  const [asked, granted] = await Promise.all(
    [1, 2].map(() =>
      maker(house)(house.coordinator, '/v1/disclosures', { delegateId: person, reason: word }),
    ),
  )
  done(await house.ask('POST', `${granted?.url}/grants`, { token: second.token }))
  return { disclosure: asked?.id ?? '', granted: granted?.id ?? '' }
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

/** A partner of ICOG that two coordinators have suspended. */
async function suspendedUnion(house: VisitWorld): Promise<Union & { pactId: string }> {
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of bakers' })
  const pactId = await pactIn({ ...house.house, union }, 'active', {
    purpose: 'exchange',
    terms: told(canaries.own),
  })
  await house.suspend(union)
  return { ...union, pactId }
}

async function tokensOf(
  house: VisitWorld,
  own: Things,
): Promise<Readonly<Record<string, string | undefined>>> {
  const { visitor: icog, guest } = house
  const mint = async (by: { token: string }, change: object) =>
    done(await house.ask('POST', '/v1/tokens', { token: by.token, body: { label: 'asks', ...change } })).data
  const client = {
    organisationId: icog.id,
    scopes: [...scopes],
    powers: ['administer', 'negotiate', 'visit'],
  }
  const former = await delegateOf(house, icog)
  const revoked = await mint(icog, { scopes: [...scopes] })
  done(await house.recall(former, icog))
  await house.ask('DELETE', `/v1/tokens/${revoked['id']}`, { token: icog.token })
  const other = await openCoordination(house.house, { name: 'Another coordination' })
  const short = { pactId: own['offeredPact'], organisationId: house.committee.id, days: 1 }
  const expiring = done(await house.ask('POST', '/v1/offer-links', { token: icog.token, body: short })).data
  house.travelTo(instantAfter(house.house, 2))
  return {
    'link holder': own['offerSecret'],
    delegate: guest.token,
    secretary: icog.token,
    coordinator: other.first.token,
    operator: house.operatorToken,
    'API client': (await mint(icog, client))['secret'],
    'foreign secretary': house.stranger.token,
    'ex-delegate': former.token,
    'expired link': expiring['secret'],
    'revoked token': revoked['secret'],
    'wrong scope': (await mint(icog, { scopes: ['visits:read'] }))['secret'],
    'wrong scope for visits': (await mint(icog, { scopes: ['organisations:read'] }))['secret'],
  }
}
