/** A coordination registers, is verified, and appoints its coordinators. */
import { letter, sample } from './facts.ts'
import type { Teller } from './telling.ts'

export type Coordination = { id: string; secretary: string; coordinator: string }

export async function foundCoordination(
  teller: Teller,
  operatorToken: string,
  run: string,
): Promise<Coordination> {
  teller.chapter('The coordination registers')
  const registered = await teller.step(
    'Anyone may register. Only this answer contains the first secretary’s token.',
    {
      method: 'POST',
      path: '/v1/organisations',
      body: {
        kind: 'coordination',
        name: letter.coordination,
        abbreviation: 'ICOG',
        country: 'DE',
        languages: ['en', 'de', 'es'],
        industries: ['2910'],
        externalIds: [{ system: 'story', id: run }],
        secretary: { displayName: sample.secretary },
      },
    },
    201,
  )
  const { organisation, token } = registered.body
  const secretary: string = token.secret
  await teller.change(
    'The operator of the instance vouches for the first coordination.',
    {
      method: 'POST',
      path: `${organisation.url}/transitions`,
      token: operatorToken,
      body: { move: 'verify', acknowledged: true },
    },
    200,
  )
  const [first] = await seatCoordinators(teller, organisation, secretary)
  return { id: organisation.id, secretary, coordinator: first as string }
}

/** Both coordinators of the letter get a mandate, and take their tokens on their own devices. */
async function seatCoordinators(
  teller: Teller,
  organisation: { id: string; url: string },
  secretary: string,
) {
  const secrets: string[] = []
  for (const { displayName, country } of letter.coordinators) {
    const delegateId = await enrolDelegate(
      teller,
      { organisationId: organisation.id, displayName, secretary },
      secrets,
    )
    await teller.step(
      `${displayName} (${country}) is given the mandate of a coordinator.`,
      {
        method: 'POST',
        path: `${organisation.url}/mandates`,
        token: secretary,
        body: { delegateId, office: 'coordinator' },
      },
      201,
    )
  }
  return secrets
}

type NewDelegate = { organisationId: string; displayName: string; secretary: string }

/** Adds a delegate, who takes a token with a one-time secret; the token is added to `secrets`. */
export async function enrolDelegate(teller: Teller, person: NewDelegate, secrets: string[]): Promise<string> {
  const { organisationId, displayName, secretary } = person
  const created = await teller.step(
    `${displayName} becomes known as a delegate; no e-mail address, no password.`,
    { method: 'POST', path: '/v1/delegates', token: secretary, body: { organisationId, displayName } },
    201,
  )
  const link = await teller.step(
    'A one-time secret is handed over in person.',
    { method: 'POST', path: `${created.body.url}/enrolment-links`, token: secretary, body: {} },
    201,
  )
  const enrolled = await teller.step(
    `${displayName} takes a token with it, on their own device.`,
    { method: 'POST', path: '/v1/enrolments', body: { secret: link.body.secret, label: 'phone' } },
    201,
  )
  secrets.push(enrolled.body.secret)
  return created.body.id
}
