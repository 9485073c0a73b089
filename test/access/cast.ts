/** The seventeen principals, and what each of them owns. */
import type { Test } from 'tap'
import { allScopes } from '../../src/platform/access.ts'
import { invite } from '../fixtures/invitations.ts'
import { elevated, nextCode } from '../fixtures/second-factor.ts'
import { absentId, openCoordination, registerUnion, verifiedUnion, type Union } from '../fixtures/unions.ts'
import { delegateOf, visitWorld, type Traveller, type VisitWorld } from '../fixtures/visits.ts'
import type { HouseOptions } from '../harness.ts'
import { done, instantAfter, pactIn } from '../fixtures/world.ts'
import { canaries, told, type Things } from '../resources/resource.ts'
import { disclosuresOf, recoveryOf, sealedUnion, strangersThings, thingsOf } from './things.ts'
import { keysKept, undone } from './undoing.ts'

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
  /** A delegate of the visit's other side. */
  'counterpart',
  /** A delegate of the coordination that the secretary and the delegate act for. */
  'second coordinator',
  /** The delegate, the secretary or the second coordinator, with a token that was not elevated by a code. */
  'without a code',
] as const
export type Principal = (typeof principals)[number]
export type Cast = Awaited<ReturnType<typeof cast>>

export async function cast(t: Test, options: HouseOptions = {}) {
  const undoing = { on: false }
  const house = await visitWorld(t, {
    ...options,
    wrap: (database) => undone(database, undoing),
    wrapVault: (vault) => keysKept(vault, undoing),
  })
  const { things, counterpart } = await thingsOf(house)
  const strangers = await strangersThings(house)
  const suspended = await suspendedUnion(house)
  const provisional = await registerUnion(house, { name: 'Union of weavers' })
  const tokens: Readonly<Record<string, string | undefined>> = {
    ...(await tokensOf(house, things)),
    ...(await uncodedTokensOf(house)),
    counterpart: counterpart.token,
    'second coordinator': house.coordinator.token,
    'provisional secretary': provisional.token,
    'suspended secretary': suspended.token,
  }
  const second = { token: tokens['coordinator'] ?? '', delegateId: '' }
  for (const coordinator of [house.coordinator, second]) await elevated(house.house, coordinator)
  const own: Things = {
    ...things,
    sealed: await sealedUnion(house),
    invitation: (await invite(house, house.coordinator, house.visitor)).id,
    recovery: await recoveryOf(house, house.visitor, canaries.own),
    ...(await disclosuresOf(house, house.guest.delegateId, second, canaries.own)),
  }
  const foreign: Things = {
    ...strangers,
    invitation: await strangersInvitation(house),
    recovery: await recoveryOf(house, house.stranger, canaries.strangers),
    ...(await disclosuresOf(house, strangers.person, second, canaries.strangers)),
  }
  // Their second factor is fresh, so that a refusal has another reason.
  const askers = [
    house.guest,
    house.visitor,
    house.stranger,
    provisional,
    second,
    counterpart,
    house.coordinator,
  ]
  for (const person of askers) await elevated(house.house, person)
  undoing.on = true
  const absent = Object.fromEntries(Object.keys(own).map((name) => [name, absentId]))
  const ownOf = (principal: Principal): Things => ({
    ...own,
    ...(principal.includes('link') && {
      pact: own['offeredPact'],
      answerable: own['offeredPact'],
    }),
    ...(principal === 'provisional secretary' && peopleOf(provisional)),
    ...(principal === 'counterpart' && {
      person: counterpart.delegateId,
      travelling: own['counterpart'],
      counterpart: own['travelling'],
    }),
    ...(principal === 'suspended secretary' && { ...peopleOf(suspended), pact: suspended.pactId }),
  })
  return {
    house: house.house,
    /** From here on, writes are kept. */
    keep: () => void (undoing.on = false),
    proposal: house.proposal,
    committee: house.committee.id,
    /** The secret of the delegate's authenticator. */
    code: nextCode(house.house, house.guest),
    thingsFor: (principal: Principal, whose: 'own' | 'foreign' | 'absent'): Things =>
      whose === 'own' ? ownOf(principal) : { ...own, ...(whose === 'absent' ? absent : foreign) },
    tokenOf: (principal: Principal, path: string): string | undefined => tokens[holding(principal, path)],
  }
}

/** Two principals have every right except one that their token lacks. */
function holding(principal: Principal, path: string): string {
  if (principal === 'wrong scope' && path.startsWith('/v1/visit')) return 'wrong scope for visits'
  if (principal !== 'without a code') return principal
  if (path.includes('/itinerary')) return 'secretary without a code'
  return /^\/v1\/(disclosures|recoveries)/.test(path)
    ? 'coordinator without a code'
    : 'delegate without a code'
}

const peopleOf = ({ id, delegateId, mandateId }: Union): Things => ({
  organisation: id,
  delegate: delegateId,
  mandate: mandateId,
})

/** A partner of ICOG, suspended by two coordinators. */
async function suspendedUnion(house: VisitWorld): Promise<Union & { pactId: string }> {
  const union = await verifiedUnion(house, house.coordinator, { name: 'Union of bakers' })
  const pactId = await pactIn({ ...house.house, union }, 'active', {
    purpose: 'exchange',
    terms: told(canaries.own),
  })
  await house.suspend(union)
  return { ...union, pactId }
}

/** A coordinator of a coordination to which nobody here belongs. */
async function strangersInvitation({ house }: VisitWorld): Promise<string> {
  const { icog, first } = await openCoordination(house, { name: 'Coordination of the strangers' })
  return (await invite(house, first, icog)).id
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
    scopes: [...allScopes()],
    powers: ['administer', 'negotiate', 'visit'],
  }
  const former = await delegateOf(house, icog)
  const revoked = await mint(icog, { scopes: [...allScopes()] })
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

async function uncodedTokensOf({ ask, guest, visitor, coordinator }: VisitWorld) {
  const mint = async (by: Traveller): Promise<string> =>
    done(
      await ask('POST', '/v1/tokens', {
        token: by.token,
        body: { label: 'no code', scopes: [...allScopes()] },
      }),
    ).data['secret']
  return {
    'delegate without a code': await mint(guest),
    'secretary without a code': await mint(visitor),
    'coordinator without a code': await mint(coordinator),
  }
}
