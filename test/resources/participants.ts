import { of, unmatched, type Resource } from './resource.ts'

export const resource: Resource = {
  name: 'participants',
  requests: {
    giveConsent: of('travelling'),
    withdrawConsent: of('travelling'),
    getCounterpartIdentity: of('counterpart'),
    listParticipants: of('accepted'),
    nominateParticipant: { ...of('visit'), body: ({ delegate }) => ({ delegateId: delegate }) },
    getParticipant: of('participant'),
    listParticipantTransitions: of('participant'),
    moveParticipant: { ...of('participant'), body: () => ({ move: 'withdraw' }) },
  },

  visible: {
    bookings: [[1, 1, 1, 0, 0, 0, 1, 0], 1],
    visit_participants: [[1, 2, 1, 0, 0, 0, 1, 0], 2],
  },
  attempts: () =>
    unmatched(
      'stranger',
      `update bookings set updated_at = now()`,
      `update visit_participants set consented_at = null`,
    ),
}
