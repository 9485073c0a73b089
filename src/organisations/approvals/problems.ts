import { refusal } from '../../platform/problems.ts'

export const secondPersonNeeded = refusal({
  status: 409,
  code: 'second_person_needed',
  title: 'Another person must approve',
  advice:
    'One person has already requested this, or it concerns you. It takes effect when a different person approves it, in the role that is still missing. Ask one within 72 hours of the first request.',
})

export const anotherCoordinationNeeded = refusal({
  status: 409,
  code: 'another_coordination_needed',
  title: 'A coordinator of another coordination must approve',
  advice:
    'A coordinator of your coordination has already requested this, and its administrators could appoint a second one. Ask a coordinator of another verified coordination: GET /v1/organisations?kind=coordination&status=verified lists them.',
})

export const recovererMayNotLift = refusal({
  status: 409,
  code: 'recoverer_may_not_lift',
  title: 'A person who recovered its secretary cannot lift the seal',
  advice:
    'You took part in giving a new token to the person who requests this. Ask another coordinator, who has spoken with that person, to approve.',
})
