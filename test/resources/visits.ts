import { inNovember } from '../fixtures/visits.ts'
import { canaries, denied, of, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'visits',
  requests: {
    listVisits: {},
    proposeVisit: {
      body: ({ pact, organisation }, { proposal }) => ({
        ...proposal(),
        pactId: pact,
        visitorId: organisation,
        organisationId: organisation,
      }),
    },
    getVisit: of('visit'),
    acceptVisit: { ...of('acceptable'), body: ({ window }) => ({ windowId: window }) },
    confirmVisit: {
      ...of('confirmable'),
      body: ({ confirmableWindow }) => ({ windowId: confirmableWindow }),
    },
    rescheduleVisit: {
      ...of('accepted'),
      body: () => ({ windows: [inNovember], reason: 'The visas are late.' }),
    },
    listVisitReports: of('completed'),
    reportVisit: { ...of('completed'), body: () => ({ text: canaries.own, language: 'en', personDays: 2 }) },
    listVisitTransitions: of('visit'),
    moveVisit: { ...of('accepted'), body: () => ({ move: 'cancel', reason: 'The border is closed.' }) },
  },

  visible: {
    visit_reports: [[2, 2, 2, 0, 0, 0, 2, 0], 2],
    visits: [[1, 1, 1, 0, 0, 0, 1, 0], 2],
  },
  attempts: ({ house: { visitId } }) => [
    ...denied(
      'stranger',
      `insert into visit_reports (id, visit_id, side, created_at, text, language)
        values (gen_random_uuid(), '${visitId}', 'host', now(), 'Forged', 'en')`,
    ),
    ...unmatched('stranger', `update visits set purpose = 'Forged' where id = '${visitId}'`),
  ],

  async change({ visitIn }) {
    for (const status of ['declined', 'cancelled', 'rescheduling', 'reported'] as const) await visitIn(status)
  },
}
