/**
 * A recall stops requests that wait for a lock. Each request has read its mandate and waits before it locks that
 * mandate.
 */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { move, openCoordination, seat, verifiedUnion, type Person } from '../fixtures/unions.ts'
import { delegateOf, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done, pactIn, textOf } from '../fixtures/world.ts'
import type { Answer } from '../harness.ts'

/** Which locked row it waits for, who sends it, and who recalls them. */
type Case = {
  row: readonly [table: string, id: string]
  by: Person
  from: Person
  act: () => Promise<Answer>
}

const headers = { 'if-match': '*' }
const chair = { office: 'chair', powers: ['administer', 'negotiate', 'visit'] }

const cases: Readonly<Record<string, (here: VisitWorld) => Promise<Case>>> = {
  'accepting a visit': async ({ ask, house, host, propose }) => {
    const by = await seat(house, host, chair)
    const { id, url, windows } = done(await propose()).data
    const body = { windowId: windows[0].id }
    const act = () => ask('POST', `${url}/acceptances`, { token: by.token, body, headers })
    return { row: ['visits', id], by, from: host, act }
  },
  'nominating for a visit': async (here) => {
    const by = await seat(here.house, here.visitor, chair)
    const { id } = done(await here.propose()).data
    const guest = await delegateOf(here.house, here.visitor)
    const act = () => here.nominate(id, guest.delegateId, by.token)
    return { row: ['visits', id], by, from: here.visitor, act }
  },
  'withdrawing who was nominated': async (here) => {
    const by = await seat(here.house, here.visitor, chair)
    const { id } = done(await here.propose()).data
    const guest = await delegateOf(here.house, here.visitor)
    const participant = done(await here.nominate(id, guest.delegateId)).data
    const act = () => here.moveParticipant(participant.id, 'withdraw', by.token)
    return { row: ['visits', id], by, from: here.visitor, act }
  },
  'answering a pact': async (here) => {
    const by = await seat(here.house, here.host, chair)
    const id = await pactIn(here, 'negotiating', { purpose: 'exchange' })
    const body = { ...(await textOf(here, by, id)), decision: 'accept' }
    const act = () => here.ask('POST', `/v1/pacts/${id}/responses`, { token: by.token, body })
    return { row: ['pacts', id], by, from: here.host, act }
  },
  'confirming an affiliation': async ({ ask, house, host, visitor }) => {
    const by = await seat(house, visitor, chair)
    const joining = { token: host.token, body: { parentId: visitor.id } }
    const { id, url } = done(await ask('POST', `${host.url}/affiliations`, joining)).data
    const body = { move: 'confirm' }
    const act = () => ask('POST', `${url}/transitions`, { token: by.token, body, headers })
    return { row: ['affiliations', id], by, from: visitor, act }
  },
  'suspending an organisation': async ({ ask, house, visitor, stranger }) => {
    const by = await seat(house, visitor, { office: 'coordinator' })
    const body = { move: 'suspend', reason: 'It is asked who they are.' }
    const act = () => ask('POST', `${stranger.url}/transitions`, { token: by.token, body, headers })
    return { row: ['organisations', stranger.id], by, from: visitor, act }
  },
  'agreeing to lift a seal': async ({ ask, house, visitor, coordinator }) => {
    const by = await seat(house, visitor, { office: 'coordinator' })
    const { url, token } = await verifiedUnion(house, coordinator, { name: 'Union of printers' })
    const { id } = done(await ask('PUT', `${url}/seal`, { token })).data
    done(await ask('POST', `${url}/seal/liftings`, { token }))
    const act = () => ask('POST', `${url}/seal/liftings`, { token: by.token })
    return { row: ['seals', id], by, from: by, act }
  },
  'vouching for a name': async ({ ask, house, host }) => {
    const { first: by } = await openCoordination(house, { name: 'Coordination of the ports' })
    const path = `${host.url}/renamings`
    const body = { name: 'Metal union of the south' }
    done(await ask('POST', path, { token: host.token, body, headers }))
    const act = () => ask('POST', path, { token: by.token, body, headers })
    // Everybody may resign a mandate of their own.
    return { row: ['organisations', host.id], by, from: by, act }
  },
}

t.test('a waiting request is not carried out when its delegate is recalled meanwhile', async (t) => {
  const here = await visitWorld(t)

  for (const [name, prepared] of Object.entries(cases)) {
    const { row, by, from, act } = await prepared(here)
    const [table, id] = row
    const held = await holdRowLocks(t, here.ownerUrl, `select from ${table} where id = $1 for update`, [id])
    const asked = act()
    await held.waiting(1)
    await move(here.house, `/v1/mandates/${by.mandateId}`, from.token, 'recall')
    await held.release()

    t.match((await asked).data, { status: 403, detail: /^Your authority has ended/ }, name)
  }
})

t.test('a request that runs during the recall of its delegate is not carried out', async (t) => {
  const { ask, house, host, ownerUrl } = await visitWorld(t)
  const heir = await delegateOf(house, host)
  const channels = [{ kind: 'messenger', address: 'Signal, committee.07' }]
  const acts = [
    ['POST', 'mandates', { delegateId: heir.delegateId, office: 'secretary' }],
    ['PUT', 'contact-channels', { channels }],
  ] as const

  for (const [method, path, body] of acts) {
    const by = await seat(house, host, chair)
    const recall = `update mandates set status = 'recalled' where id = $1`
    const recalling = await holdRowLocks(t, ownerUrl, recall, [by.mandateId])
    const asked = ask(method, `${host.url}/${path}`, { token: by.token, body })
    await Promise.race([recalling.waiting(1), asked])
    await recalling.release()

    t.match((await asked).data, { status: 403, detail: /^Your authority has ended/ }, path)
  }
})

t.test('a recalled delegate does not get a stored response through an Idempotency-Key', async (t) => {
  const { ask, house, host, ownerUrl } = await visitWorld(t)
  const by = await seat(house, host, chair)
  const asking = {
    token: by.token,
    body: { organisationId: host.id, displayName: 'Jo' },
    headers: { 'idempotency-key': randomUUID() },
  }
  done(await ask('POST', '/v1/delegates', asking))

  const held = await holdRowLocks(t, ownerUrl, 'lock table idempotency_keys in access exclusive mode', [])
  const again = ask('POST', '/v1/delegates', asking)
  await held.waiting(1)
  await move(house, `/v1/mandates/${by.mandateId}`, host.token, 'recall')
  await held.release()

  t.match((await again).data, { status: 403, detail: /^Your authority has ended/ })
})
