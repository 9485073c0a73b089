/** The committee answers without an account, the text is agreed, both sign, and anyone can verify it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sample } from './facts.ts'
import type { Coordination } from './founding.ts'
import { sendLink, type Offer, type Proposal } from './offer.ts'
import type { Stage } from './stage.ts'
import type { Answer, Teller } from './telling.ts'

export async function answerByLink(
  teller: Teller,
  stage: Stage,
  icog: Coordination,
  offer: Offer,
): Promise<Proposal> {
  teller.chapter('The committee answers by the link')
  const { link, proposal } = offer
  const about = { proposalId: proposal.id, contentDigest: proposal.contentDigest }
  const answer = (body: object) => ({
    method: 'POST' as const,
    path: '/v1/answers',
    token: link,
    body: { ...about, ...body },
  })
  await teller.step(
    'The link says what it is for; reading does not use it up.',
    { method: 'GET', path: '/v1/me', token: link },
    200,
  )
  await teller.step(
    'The offer is read, in any language.',
    { method: 'GET', path: offer.pactUrl, token: link },
    200,
  )
  await teller.step(
    'A comment.',
    answer({ decision: 'comment', statement: 'We meet on Thursday.', language: 'en' }),
    201,
  )
  await teller.step(
    'The committee requests more time; the link stays valid.',
    answer({ decision: 'needs_more_time' }),
    201,
  )
  const counter = answer({
    decision: 'counter',
    proposal: counterProposal(stage, icog.id, offer.committeeId),
  })
  const answers = await teller.atOnce(
    'Two phones send the counter-proposal at once: one succeeds.',
    [counter, counter],
    [201, 410],
  )
  await teller.step(
    'The link is used up, and shows nothing to a finder.',
    { method: 'GET', path: offer.pactUrl, token: link },
    410,
  )
  await teller.step(
    'An acceptance of the replaced proposal is refused.',
    {
      method: 'POST',
      path: `${offer.pactUrl}/responses`,
      token: icog.coordinator,
      body: { organisationId: icog.id, ...about, decision: 'accept' },
    },
    409,
  )
  const heard = answers.find((one) => one.status === 201) as Answer
  return heard.body.proposal as Proposal
}

function counterProposal(stage: Stage, icogId: string, committeeId: string) {
  return {
    authentic: 'en',
    texts: {
      en: { title: 'A pact of mutual support', body: sample.counter },
      ru: { title: 'Пакт взаимной поддержки', body: sample.counterInRussian },
    },
    commitments: [
      {
        kind: 'mutual_visit',
        giver: 'all',
        beneficiary: 'all',
        description: 'Visit each other, outside of Belarus for as long as people are arrested there.',
        due: { kind: 'every_months', months: 12 },
      },
      {
        kind: 'publicise',
        giver: icogId,
        beneficiary: committeeId,
        description: 'Make the struggle known; names only with the consent of each.',
        due: { kind: 'on_request', withinHours: 72 },
      },
    ],
    term: { startsOn: stage.dateIn(0), endsOn: null },
    noticeDays: 30,
    answerBy: new Date(stage.now().getTime() + 10 * 86_400_000).toISOString(),
  }
}

export type Committee = { id: string; secretary: string }

export async function agreeAndSign(
  teller: Teller,
  icog: Coordination,
  offer: Offer,
  counter: Proposal,
): Promise<Committee> {
  teller.chapter('Agreed, signed, and provable')
  const { pactUrl } = offer
  const about = { proposalId: counter.id, contentDigest: counter.contentDigest }
  await teller.step(
    'The coordination accepts the committee’s text, by its digest.',
    {
      method: 'POST',
      path: `${pactUrl}/responses`,
      token: icog.coordinator,
      body: { organisationId: icog.id, ...about, decision: 'accept' },
    },
    201,
  )
  const sign = (token: string, organisationId: string) => ({
    method: 'POST' as const,
    path: `${pactUrl}/signatures`,
    token,
    body: { organisationId, ...about },
  })
  await teller.step('The coordination signs.', sign(icog.coordinator, icog.id), 201)
  await expectStatus(teller, offer, icog.coordinator, 'signing', 'one signature does not make a pact')
  const committee = await claim(teller, icog, offer)
  await teller.step('The committee signs.', sign(committee.secretary, committee.id), 201)
  await expectStatus(teller, offer, icog.coordinator, 'active', 'with the second signature it is in force')
  await verify(teller, offer, icog.coordinator)
  return committee
}

/** Signing needs a person with a mandate, so the committee claims its account first. */
async function claim(teller: Teller, icog: Coordination, offer: Offer): Promise<Committee> {
  const link = await sendLink(teller, icog, offer)
  const claimed = await teller.step(
    'With a fresh link the committee claims its account.',
    {
      method: 'POST',
      path: '/v1/claims',
      token: link,
      body: { secretary: { displayName: sample.guests[0] } },
    },
    201,
  )
  return { id: offer.committeeId, secretary: claimed.body.token.secret }
}

async function expectStatus(teller: Teller, offer: Offer, token: string, status: string, meaning: string) {
  const pact = await teller.step(
    `The pact is ${status}: ${meaning}.`,
    { method: 'GET', path: offer.pactUrl, token },
    200,
  )
  teller.check(`status is ${status}`, pact.body.status === status)
}

async function verify(teller: Teller, offer: Offer, token: string): Promise<void> {
  const verification = await teller.step(
    'The text and the receipts of both signatures, which anyone can verify.',
    { method: 'GET', path: `${offer.pactUrl}/verification`, token },
    200,
  )
  const keys = await teller.step(
    'The published keys.',
    { method: 'GET', path: '/.well-known/jwks.json' },
    200,
  )
  teller.check('verified offline, without the service', verifiesOffline(verification.body, keys.body))
  const changed = structuredClone(verification.body)
  changed.proposal.content.texts.en.body = 'We promise nothing.'
  teller.check('a changed text fails verification', !verifiesOffline(changed, keys.body))
}

function verifiesOffline(verification: unknown, keys: unknown): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'solidarity-pact-verify-'))
  const files = { verification: path.join(folder, 'verification.json'), keys: path.join(folder, 'jwks.json') }
  writeFileSync(files.verification, JSON.stringify(verification))
  writeFileSync(files.keys, JSON.stringify(keys))
  const script = path.resolve(import.meta.dirname, '../verify-pact.ts')
  const run = spawnSync(process.execPath, [script, files.verification, files.keys])
  rmSync(folder, { recursive: true })
  return run.status === 0
}
