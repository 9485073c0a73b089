/** `next` tells a caller who cannot continue what to do: in the response to a registration and in `/v1/me`. */
import t from 'tap'
import { delegateJobs } from '../../src/delegates/jobs.ts'
import { organisationLapse } from '../../src/organisations/jobs.ts'
import { invite, registration } from '../fixtures/invitations.ts'
import { enrol, move, registerUnion, seat, verifiedUnion, type Union } from '../fixtures/unions.ts'
import {
  dayAfter,
  done,
  instantAfter,
  makeKnown,
  offerLink,
  pactIn,
  world,
  type World,
} from '../fixtures/world.ts'

const coordinations = '/v1/organisations?kind=coordination&status=verified'

type Expected = { code: string; url: string | RegExp; detail: RegExp } | null
/** Brings a caller into the state, and returns their token and the expected next step. */
type Making = (here: World) => Promise<{ token: string; next: Expected }>

const newDelegate = async (here: World, union: Union) => {
  const body = { organisationId: union.id, displayName: 'Rosa' }
  const { id } = done(await here.ask('POST', '/v1/delegates', { token: union.token, body })).data
  return { id: id as string, token: await enrol(here, union, id) }
}

const merge = async (here: World, from: Union, into: Union): Promise<void> => {
  for (const { token } of [from, into, here.coordinator])
    done(await here.askFresh('POST', `${from.url}/mergers`, { token, body: { intoId: into.id } }))
}

const states: Readonly<Record<string, Making>> = {
  'whose union is verified': async ({ union }) => ({ token: union.token, next: null }),
  'who is the operator': async ({ operatorToken }) => ({ token: operatorToken, next: null }),
  'whose union waits for verification': async (here) => {
    const { token } = await registerUnion(here, { name: 'Weavers' })
    const detail = /^Nobody has verified Weavers yet\..+ before 2026-04-01 10:00 UTC\./
    return { token, next: { code: 'ask_for_verification', url: coordinations, detail } }
  },
  'whose union asked a coordination': async (here) => {
    const { token } = await registerUnion(here, { vouchingCoordinationId: here.icog.id })
    return { token, next: { code: 'ask_for_verification', url: here.icog.url, detail: /at this address/ } }
  },
  'whose union asked a coordination that is sealed now': async (here) => {
    const { token } = await registerUnion(here, { vouchingCoordinationId: here.icog.id })
    done(await here.ask('PUT', `${here.icog.url}/seal`, { token: here.icog.token }))
    return { token, next: { code: 'ask_for_verification', url: coordinations, detail: /Ask a coordinator/ } }
  },
  'whose coordination waits for verification': async (here) => {
    const { token } = await registerUnion(here, { kind: 'coordination', name: 'Second' })
    return { token, next: { code: 'ask_for_verification', url: coordinations, detail: /Ask the operator/ } }
  },
  'whose union was rejected': async (here) => {
    const union = await registerUnion(here)
    await move(here, union.url, here.coordinator.token, 'reject')
    return {
      token: union.token,
      next: { code: 'resubmit', url: `${union.url}/transitions`, detail: /resubmit/ },
    }
  },
  'whose registration expired': async (here) => {
    const union = await registerUnion(here)
    const present = here.now().toISOString()
    here.travelTo(instantAfter(here, 30))
    await here.run(organisationLapse)
    here.travelTo(present)
    return {
      token: union.token,
      next: { code: 'resubmit', url: `${union.url}/transitions`, detail: /in time/ },
    }
  },
  'whose union is suspended': async (here) => {
    await move(here, here.union.url, here.coordinator.token, 'suspend')
    await move(here, here.union.url, here.operatorToken, 'suspend')
    const detail = new RegExp(`^${here.union.name} is suspended.+reinstate`)
    return { token: here.union.token, next: { code: 'ask_for_reinstatement', url: coordinations, detail } }
  },
  'whose union is sealed': async (here) => {
    const { token, url } = here.union
    done(await here.ask('PUT', `${url}/seal`, { token }))
    return { token, next: { code: 'lift_seal', url: `${url}/seal/liftings`, detail: /is sealed/ } }
  },
  'whose union was dissolved': async (here) => {
    const { token, url } = here.union
    await move(here, url, token, 'dissolve')
    await move(here, url, here.coordinator.token, 'dissolve')
    return {
      token,
      next: { code: 'join_another_organisation', url: '/v1/organisations', detail: /dissolved/ },
    }
  },
  'whose union was merged': async (here) => {
    const into = await verifiedUnion(here, here.coordinator, { name: 'United' })
    await merge(here, here.union, into)
    return { token: here.union.token, next: { code: 'turn_to_successor', url: into.url, detail: /merged/ } }
  },
  'whose mandate begins later': async (here) => {
    const startsOn = dayAfter(here, 5)
    const { token, mandateId } = await seat(here, here.union, { office: 'delegate', startsOn })
    const detail = /starts on 2026-03-07, at midnight UTC/
    return { token, next: { code: 'wait_for_mandate', url: `/v1/mandates/${mandateId}`, detail } }
  },
  'whose mandate was recalled': async (here) => {
    const { token, mandateId } = await seat(here, here.union, { office: 'delegate' })
    await move(here, `/v1/mandates/${mandateId}`, here.union.token, 'recall')
    return {
      token,
      next: { code: 'ask_for_mandate', url: `/v1/mandates/${mandateId}`, detail: /was recalled/ },
    }
  },
  'whose mandate expired': async (here) => {
    const endsOn = dayAfter(here, 2)
    const { token, mandateId } = await seat(here, here.union, { office: 'delegate', endsOn })
    here.travelTo(instantAfter(here, 3))
    const expiry = delegateJobs.find(({ name }) => name === 'mandates.expire')
    if (expiry) await here.run(expiry)
    const detail = /expired after 2026-03-04, at midnight UTC/
    return { token, next: { code: 'ask_for_mandate', url: `/v1/mandates/${mandateId}`, detail } }
  },
  'whose mandate is over before any job has run': async (here) => {
    const endsOn = dayAfter(here, 2)
    const { token } = await seat(here, here.union, { office: 'delegate', endsOn })
    here.travelTo(instantAfter(here, 3))
    return { token, next: { code: 'ask_for_mandate', url: /mandates/, detail: /expired after 2026-03-04/ } }
  },
  'who claimed a mandate': async (here) => {
    const { token, delegateId, mandateId } = await seat(here, here.union, { office: 'observer' })
    const body = { delegateId, office: 'delegate' }
    const claim = done(await here.ask('POST', `${here.union.url}/mandates`, { token, body })).data
    await move(here, `/v1/mandates/${mandateId}`, here.union.token, 'recall')
    return { token, next: { code: 'wait_for_confirmation', url: claim['url'], detail: /confirm it/ } }
  },
  'who was given no mandate': async (here) => {
    const { id, token } = await newDelegate(here, here.union)
    return { token, next: { code: 'ask_for_mandate', url: `/v1/delegates/${id}`, detail: /no mandate/ } }
  },
  'who holds a link': async (here) => {
    const pactId = await pactIn(here, 'negotiating', { parties: [here.committee] })
    const { token } = await offerLink(here, pactId)
    return { token, next: { code: 'answer_offer', url: `/v1/pacts/${pactId}`, detail: /answer/ } }
  },
  'which is a system of a union that waits': async (here) => {
    const { id, token } = await registerUnion(here)
    const body = { label: 'bridge', scopes: ['organisations:read'], organisationId: id }
    const { secret } = done(await here.ask('POST', '/v1/tokens', { token, body })).data
    return { token: secret, next: { code: 'ask_for_verification', url: coordinations, detail: /verified/ } }
  },
}

for (const [name, make] of Object.entries(states)) {
  t.test(`/v1/me shows the next step of a caller ${name}`, async (t) => {
    const here = await world(t)

    const { token, next } = await make(here)

    const me = done(await here.ask('GET', '/v1/me', { token })).data
    if (next === null) t.equal(me['next'], null)
    else t.match(me['next'], next)
    if (next !== null && typeof next.url === 'string' && next.code === 'ask_for_verification')
      t.equal((await here.ask('GET', next.url, { token })).statusCode, 200, 'the link leads somewhere')
  })
}

t.test(
  'the response to a registration says which coordination to ask for verification, or where to find one',
  async (t) => {
    const here = await world(t)
    const { icog, coordinator } = here
    const { secret } = await invite(here, coordinator, icog)
    const next = async (change: object) =>
      done(await here.ask('POST', '/v1/organisations', { body: registration('Weavers', change) })).data[
        'next'
      ]

    t.match(await next({}), { code: 'ask_for_verification', url: coordinations })
    t.match(await next({ vouchingCoordinationId: icog.id }), { url: icog.url })
    t.match(await next({ invitation: secret }), { url: icog.url })
    const committee = await makeKnown(here, coordinator, 'Committee of the depot')
    const pactId = await pactIn(here, 'negotiating', { parties: [committee] })
    const { token } = await offerLink({ ...here, committee }, pactId)
    const body = { secretary: { displayName: 'Vesna' } }
    const claimed = done(await here.ask('POST', '/v1/claims', { token, body })).data
    t.match(claimed['next'], { code: 'ask_for_verification', url: icog.url })
  },
)
