import t from 'tap'
import { glob } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { absentId } from '../fixtures/unions.ts'
import { done, pactIn, terms, world } from '../fixtures/world.ts'
import type { House } from '../harness.ts'

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const shout = (text: string): string => text.replace(uuid, (id) => id.toUpperCase())

/** Sends every id in upper case, as some systems do. */
function shouting<Some extends House>(house: Some): Some {
  const ask: House['ask'] = (method, url, asking = {}) =>
    house.ask(method, shout(url), {
      ...asking,
      ...(asking.body !== undefined && { body: JSON.parse(shout(JSON.stringify(asking.body))) as unknown }),
    })
  return { ...house, ask }
}

t.test('ids in upper case mean the same resources in paths, parameters and bodies', async (t) => {
  const house = shouting(await world(t))
  const { icog, union } = house
  const commitment = { ...terms(house).commitments[0], giver: icog.id, beneficiary: union.id }

  const pactId = await pactIn(house, 'active', { terms: { commitments: [commitment] } })
  const pacts = await house.ask('GET', `/v1/pacts?partyId=${union.id}`, { token: icog.token })
  const proposals = await house.ask('GET', `/v1/pacts/${pactId}/proposals`, { token: union.token })
  const stranger = await house.ask('GET', `/v1/pacts/${pactId}`, { token: house.stranger.token })

  t.match(pacts.data.data, [{ id: pactId, url: `/v1/pacts/${pactId}` }])
  t.match(proposals.data.data, [{ content: { commitments: [{ giver: icog.id, beneficiary: union.id }] } }])
  t.equal(stranger.statusCode, 404)
})

t.test('ids in upper case mean the same resources in visits', async (t) => {
  const house = shouting(await world(t))
  const { icog, union, ask } = house
  const pactId = await pactIn(house, 'active')
  const proposed = done(
    await ask('POST', '/v1/visits', {
      token: icog.token,
      body: {
        pactId,
        hostId: union.id,
        visitorId: icog.id,
        organisationId: icog.id,
        purpose: 'Two delegates speak with the shop stewards.',
        mode: 'in_person',
        place: 'Stuttgart',
        country: 'DE',
        timeZone: 'Europe/Berlin',
        windows: [{ startsAt: '2026-04-06T09:00', endsAt: '2026-04-08T17:00' }],
      },
    }),
  )
  const { url, windows } = proposed.data as { url: string; windows: { id: string }[] }
  const accepted = await house.askFresh('POST', `${url}/acceptances`, {
    token: union.token,
    body: { windowId: windows[0]?.id },
  })
  const listed = await ask('GET', `/v1/visits?hostId=${union.id}&pactId=${pactId}`, { token: icog.token })

  t.match(accepted.data, { status: 'accepted', host: { id: union.id } }, accepted.body)
  t.match(listed.data.data, [{ url }])
})

t.test('every id in the input schemas is converted to lower case', async (t) => {
  let found = 0
  for await (const file of glob('src/**/{schemas,wire}.ts')) {
    const shapes = (await import(path.resolve(file))) as Record<string, unknown>
    for (const [name, shape] of Object.entries(shapes)) {
      if (name === answeredOnly) continue
      for (const sent of idsSentIn(shape)) {
        found++
        t.equal(sent.parse(absentId.toUpperCase()), absentId, `${file} ${name}: use idInput for it`)
      }
    }
  }
  t.ok(found > 30, `${found} were looked at`)
})

/** Signed content refuses unknown fields as well. */
const answeredOnly = 'ProposalContent'

/** Only inputs refuse unknown fields. */
function idsSentIn(shape: unknown): z.ZodType[] {
  if (shape instanceof z.ZodObject)
    return shape.def.catchall instanceof z.ZodNever ? Object.values(shape.shape).flatMap(idsWithin) : []
  return []
}

function idsWithin(shape: unknown): z.ZodType[] {
  if (shape instanceof z.ZodUUID) return [shape]
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable || shape instanceof z.ZodDefault)
    return idsWithin(shape.unwrap())
  if (shape instanceof z.ZodArray) return idsWithin(shape.element)
  if (shape instanceof z.ZodUnion) return shape.options.flatMap(idsWithin)
  return idsSentIn(shape)
}
