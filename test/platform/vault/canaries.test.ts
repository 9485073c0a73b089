/** Looks for private values and secrets in everything that a thief could seize. Without encryption, it must find them there. */
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Cipher } from '../../../src/platform/vault/cipher.ts'
import { ownKeysDatabase } from '../../databases.ts'
import { begun, codeOf, elevated } from '../../fixtures/second-factor.ts'
import { countCanariesIn, watchPlaces, type SeizedFiles } from '../../fixtures/seized-data.ts'
import { openCoordination, seat, type Person } from '../../fixtures/unions.ts'
import { delegateOf, visitWorld, type VisitWorld } from '../../fixtures/visits.ts'
import { done } from '../../fixtures/world.ts'

const people = 36
const fieldsOfPerson = 5
const channels = 10
const meetings = 10
const count = people * fieldsOfPerson + channels + meetings
/** Two of these people lose their identity: one deletes it, one is erased. */
const gone = 2
const minted = 10

/** What would be stored without a vault. */
const plain: Cipher = { encrypt: (_key, text) => text, decrypt: (_key, text) => text }

t.test('no private value and no secret is in databases, files, logs or dumps', async (t) => {
  const sealed = await lookEverywhere(t)
  const open = await lookEverywhere(t, plain)

  t.equal(new Set(sealed.canaries).size, 200)
  t.equal(new Set(sealed.secrets).size, people + 2 * minted)
  t.comment(`${'place'.padEnd(46)}     bytes  private  secrets  (without encryption)`)
  for (const [place, { bytes, ...hits }] of sealed.hits) {
    const without = open.hits.get(place)
    const row = [bytes, hits.canaries, hits.secrets].map((n) => String(n).padStart(9)).join('')
    t.comment(`${place.padEnd(46)}${row}  (${without?.canaries}, ${without?.secrets})`)
    t.ok(bytes > 0, `${place} was looked at`)
    t.same(hits, { canaries: 0, secrets: 0 }, place)
  }

  const without = (place: string) => open.hits.get(place) ?? { canaries: 0, secrets: 0 }
  t.equal(without('dump: public.identities').canaries, (people - gone) * fieldsOfPerson)
  t.equal(without('dump: public.contact_channels').canaries, channels)
  t.equal(without('dump: public.itineraries').canaries, meetings)
  // An erased person has no authenticator any more.
  t.equal(without('dump: public.second_factors').secrets, people - 1)
  // Deleted rows stay on the disk until their space is reused.
  t.ok(without('the data files').canaries >= count - gone * fieldsOfPerson)
  // A page boundary can split a value.
  t.ok(without('the write-ahead log').canaries > 0.9 * count)
  // The log encrypts nothing, so a value that is written to it is found.
  t.equal(without("the service's log").canaries, 1)

  const rowsOf = (place: string): Record<string, unknown>[] => JSON.parse(String(sealed.places.get(place)))
  const kept = rowsOf('dump: public.idempotency_keys').filter(({ answer }) => answer !== null)
  t.equal(kept.length, 2 * minted, 'the answers that are kept for who repeats a request are among it')
  t.ok(rowsOf('dump: jobs.job').length > 0, 'and jobs that wait')
  t.ok(rowsOf('dump of the keys: public.wrapped_keys').length > people, 'and the keys')
})

type Hits = { bytes: number; canaries: number; secrets: number }
type Report = Written & { places: SeizedFiles; hits: ReadonlyMap<string, Hits> }

async function lookEverywhere(t: Test, cipher?: Cipher): Promise<Report> {
  const lines: string[] = []
  const keysUrl = await ownKeysDatabase(t)
  const house = await visitWorld(t, {
    keysUrl,
    log: { write: (line: string) => void lines.push(line) },
    ...(cipher && { cipher }),
  })
  const seize = await watchPlaces(t, house.ownerUrl, keysUrl, lines)
  const written = await writeAll(house)
  if (cipher) house.app.log.info(written.canaries[0])
  const places = await seize()
  const [canaries, secrets] = [countCanariesIn(written.canaries), countCanariesIn(written.secrets)]
  const hits = new Map<string, Hits>()
  for (const [place, content] of places) {
    hits.set(place, { bytes: content.length, canaries: canaries(content), secrets: secrets(content) })
  }
  return { ...written, places, hits }
}

type Written = { canaries: readonly string[]; secrets: readonly string[] }

/** Writes private values everywhere, then leaves traces of them: reads, changes, refusals, repetitions, deletions, an erasure. */
async function writeAll(house: VisitWorld): Promise<Written> {
  const canaries: string[] = []
  const secrets: string[] = []
  const coin = <Text extends string>(text: Text): Text => {
    canaries.push(text)
    return text
  }
  const put = async (token: string, url: string, body: object) =>
    done(await house.ask('PUT', url, { token, body }))
  const persons: Person[] = []
  for (let i = 0; i < people; i++) {
    const person = await seat(house.house, house.visitor, { office: 'delegate' })
    secrets.push(await openedBySecret(house, person))
    const { delegateId, token } = person
    const url = `/v1/delegates/${delegateId}/identity`
    const identity = {
      legalName: coin(`Name ${word()}`),
      phone: coin(`+375 ${digits()}`),
      email: coin(`${word()}@example.org`),
      messenger: coin(`Signal ${word()}`),
      travelDocument: { number: coin(`MP${digits()}`), country: 'BY' },
    }
    await put(token, url, identity)
    await put(token, url, identity)
    await house.ask('PUT', url, { token, body: { ...identity, unknown: identity.legalName } })
    await house.ask('GET', url, { token })
    persons.push(person)
  }
  const { host } = house
  await put(host.token, `${host.url}/contact-channels`, {
    channels: Array.from({ length: channels }, () => ({ kind: 'post', address: coin(`Box ${word()}`) })),
  })
  await elevated(house.house, host)
  const visitId = await house.visitIn('accepted')
  const hours = { startsAt: '2020-11-06T08:00:00Z', endsAt: '2020-11-06T10:00:00Z' }
  await put(host.token, `/v1/visits/${visitId}/itinerary`, {
    items: Array.from({ length: meetings }, () => ({
      ...hours,
      place: coin(`Hall ${word()}`),
      activity: 'Meeting',
    })),
  })
  const [staying, traveller, withdrawing, leaving] = persons as [Person, Person, Person, Person]
  await readByCoordinators(house, staying)
  await readByCounterpart(house, visitId, traveller)
  await removed(house, withdrawing, leaving)
  secrets.push(...(await secretsShownOnce(house, staying)))
  return { canaries, secrets }
}

/** Adds a factor and returns its secret. */
async function openedBySecret({ ask, house }: VisitWorld, person: Person): Promise<string> {
  const secret = await begun(house, person)
  const body = { code: codeOf(secret, house.now()) }
  done(await ask('POST', '/v1/me/elevations', { token: person.token, body }))
  return secret
}

/** A request that is answered once, with the answer kept for repetitions. */
async function secretsShownOnce({ ask, visitor }: VisitWorld, { delegateId }: Person): Promise<string[]> {
  const secrets: string[] = []
  const client = { label: 'bridge', scopes: ['pacts:read'], organisationId: visitor.id, days: 30 }
  for (let i = 0; i < minted; i++) {
    for (const [url, body] of [
      ['/v1/tokens', client],
      [`/v1/delegates/${delegateId}/enrolment-links`, {}],
    ] as const) {
      const headers = { 'idempotency-key': `a-key-of-the-visitors-${i}-${url.length}` }
      const asking = { token: visitor.token, body, headers }
      const first = done(await ask('POST', url, asking)).data['secret'] as string
      if (done(await ask('POST', url, asking)).data['secret'] !== first) throw new Error('not answered again')
      secrets.push(first)
    }
  }
  return secrets
}

async function readByCoordinators({ ask, house, coordinator }: VisitWorld, { delegateId }: Person) {
  const { first: second } = await openCoordination(house, { name: 'Coordination of the ports' })
  for (const person of [coordinator, second]) await elevated(house, person)
  const body = { delegateId, reason: 'Arrested this morning.' }
  const { url } = done(await ask('POST', '/v1/disclosures', { token: coordinator.token, body })).data
  done(await ask('POST', `${url}/grants`, { token: second.token }))
  done(await ask('GET', `${url}/identity`, { token: coordinator.token }))
}

/** Read by a delegate of the hosts, after both have consented. */
async function readByCounterpart(house: VisitWorld, visitId: string, guest: Person) {
  const receiver = await delegateOf(house, house.host)
  await elevated(house.house, receiver)
  const identity = `/v1/delegates/${receiver.delegateId}/identity`
  done(await house.ask('PUT', identity, { token: receiver.token, body: { legalName: 'Receiver' } }))
  const ids: string[] = []
  for (const [person, by] of [
    [guest, house.visitor],
    [receiver, house.host],
  ] as const) {
    const { id } = done(await house.nominate(visitId, person.delegateId, by.token)).data
    done(await house.moveParticipant(id, 'agree', person.token))
    done(await house.ask('PUT', `/v1/visit-participants/${id}/consent`, { token: person.token }))
    ids.push(id)
  }
  done(await house.ask('GET', `/v1/visit-participants/${ids[0]}/identity`, { token: receiver.token }))
}

async function removed({ ask }: VisitWorld, withdrawing: Person, leaving: Person): Promise<void> {
  const fresh = { 'if-match': '*' }
  const identity = `/v1/delegates/${withdrawing.delegateId}/identity`
  done(await ask('DELETE', identity, { token: withdrawing.token, headers: fresh }))
  done(await ask('DELETE', `/v1/delegates/${leaving.delegateId}`, { token: leaving.token, headers: fresh }))
}

const word = () => randomBytes(9).toString('hex')
const digits = () => String(randomBytes(5).readUIntBE(0, 5)).padStart(13, '7').slice(-13)
