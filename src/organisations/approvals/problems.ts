import { refusal } from '../../platform/problems.ts'

export const secondPersonNeeded = refusal({
  status: 409,
  code: 'second_person_needed',
  title: 'Another person must agree',
  advice:
    'One person has asked for this already, or it concerns you yourself. It takes effect when a different person agrees, ' +
    'in the role that is still missing. Ask them within 72 hours of the first request.',
})

export const anotherCoordinationNeeded = refusal({
  status: 409,
  code: 'another_coordination_needed',
  title: 'A coordinator of another coordination must agree',
  advice:
    'A coordinator of your coordination has asked for this already, and its administrators could appoint a second one. ' +
    'Ask a coordinator of another verified coordination: GET /v1/organisations?kind=coordination&status=verified lists them.',
})

export const recovererMayNotLift = refusal({
  status: 409,
  code: 'recoverer_may_not_lift',
  title: 'A person who recovered its secretary cannot lift the seal',
  advice:
    'You had a part in giving the person who asks a new token. Ask another coordinator, who talks with them, to agree.',
})
