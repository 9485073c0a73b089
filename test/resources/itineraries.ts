import { elevated } from '../fixtures/second-factor.ts'
import { done, instantAfter } from '../fixtures/world.ts'
import { allowedOnce, canaries, denied, of, unmatched, type Resource } from './resource.ts'

export const itineraryOf = (word: string) => ({
  items: [{ startsAt: '2020-11-06T08:00:00Z', endsAt: '2020-11-06T10:00:00Z', place: word, activity: word }],
})

export const resource: Resource = {
  name: 'itinerary',
  requests: {
    getItinerary: of('toured'),
    writeItinerary: { ...of('toured'), body: () => itineraryOf(canaries.own) },
    removeItinerary: of('toured'),
  },

  visible: { itineraries: [[1, 0, 1, 0, 0, 0, 0, 0], 1] },
  attempts: ({ house: { union, visitId } }) => [
    ...denied(
      'stranger',
      `insert into itineraries (id, created_at, updated_at, visit_id, host_id, items)
        values (gen_random_uuid(), now(), now(), '${visitId}', '${union.id}', '\\x00')`,
    ),
    ...unmatched('stranger', `update itineraries set updated_at = now()`),
    ...allowedOnce('host', 'delete from itineraries'),
  ],

  async change({ house, ask, host, visitIn }) {
    await elevated(house, host)
    const visitId = await visitIn('accepted')
    const meeting = { startsAt: instantAfter(house, 40), endsAt: instantAfter(house, 41) }
    for (const items of [[], [{ ...meeting, place: 'A', activity: 'B' }]])
      done(await ask('PUT', `/v1/visits/${visitId}/itinerary`, { token: host.token, body: { items } }))
  },
}
