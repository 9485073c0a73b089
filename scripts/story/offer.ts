/** The pact is drafted, proposed, and offered by a link; requests are sent twice. */
import { randomUUID } from 'node:crypto'
import { letter, sample } from './facts.ts'
import type { Coordination } from './founding.ts'
import type { Stage } from './stage.ts'
import type { Teller } from './telling.ts'

export type Offer = { pactUrl: string; pactId: string; committeeId: string; proposal: Proposal; link: string }
export type Proposal = { id: string; contentDigest: string; number: number }

const hour = 3_600_000

export async function offerPact(teller: Teller, stage: Stage, icog: Coordination): Promise<Offer> {
  teller.chapter('A pact is offered to a strike committee that has no account')
  const committee = await teller.step(
    'The coordination creates the committee, unclaimed and not public, so that it can invite it.',
    { method: 'POST', path: '/v1/addressees', token: icog.coordinator, body: sample.committee },
    201,
  )
  await teller.step('Nobody outside learns that it exists.', { method: 'GET', path: committee.body.url }, 404)
  const pact = await draftTwice(teller, icog, committee.body.id)
  const proposal = await teller.step(
    'The text is proposed in two languages, with commitments and a date for the answer.',
    {
      method: 'POST',
      path: `${pact.url}/proposals`,
      token: icog.coordinator,
      body: firstProposal(stage, icog.id, committee.body.id),
    },
    201,
  )
  const link = await sendLink(teller, icog, { pactId: pact.id, committeeId: committee.body.id })
  return { pactUrl: pact.url, pactId: pact.id, committeeId: committee.body.id, proposal: proposal.body, link }
}

/** The same Idempotency-Key returns the same pact; with another body the request is refused. */
async function draftTwice(
  teller: Teller,
  icog: Coordination,
  committeeId: string,
): Promise<{ id: string; url: string }> {
  const body = {
    organisationId: icog.id,
    title: 'Solidarity pact with the striking workers of Minsk',
    purpose: 'mutual_support',
    partyIds: [committeeId],
  }
  const asked = {
    method: 'POST' as const,
    path: '/v1/pacts',
    token: icog.coordinator,
    headers: { 'idempotency-key': randomUUID() },
  }
  const first = await teller.step('The coordination drafts the pact.', { ...asked, body }, 201)
  const again = await teller.step(
    'The connection failed and the same request is sent again: it returns the same pact.',
    { ...asked, body },
    201,
  )
  teller.check(
    'one pact, not two',
    again.body.id === first.body.id && again.headers.get('idempotency-replayed') === 'true',
  )
  await teller.step(
    'The same key with another body is refused.',
    { ...asked, body: { ...body, title: 'Another pact' } },
    422,
  )
  return first.body
}

function firstProposal(stage: Stage, icogId: string, committeeId: string) {
  return {
    organisationId: icogId,
    authentic: 'en',
    texts: {
      en: { title: 'A pact of mutual support', body: letter.offer },
      ru: { title: 'Пакт взаимной поддержки', body: sample.offerInRussian },
    },
    commitments: [
      {
        kind: 'publicise',
        giver: icogId,
        beneficiary: committeeId,
        description: 'Make the struggle widely known.',
        due: { kind: 'on_request', withinHours: 72 },
      },
      {
        kind: 'mutual_visit',
        giver: 'all',
        beneficiary: 'all',
        description: 'Visit each other.',
        due: { kind: 'every_months', months: 12 },
      },
    ],
    term: { startsOn: stage.dateIn(0), endsOn: null },
    noticeDays: 30,
    answerBy: new Date(stage.now().getTime() + 7 * 24 * hour).toISOString(),
  }
}

/** The secretary sends the secret by any channel that reaches the committee; the service sends nothing. */
export async function sendLink(
  teller: Teller,
  icog: Coordination,
  to: { pactId: string; committeeId: string },
) {
  const link = await teller.step(
    'A link is made. It is valid for this pact, for one decision, for 30 days.',
    {
      method: 'POST',
      path: '/v1/offer-links',
      token: icog.coordinator,
      body: { pactId: to.pactId, organisationId: to.committeeId },
    },
    201,
  )
  return link.body.secret as string
}
