/** The story that must always succeed, as far as the service can play it. */
import { randomUUID } from 'node:crypto'
import { foundCoordination } from './founding.ts'
import { agreeAndSign, answerByLink } from './negotiation.ts'
import { offerPact } from './offer.ts'
import type { Stage } from './stage.ts'
import { openTeller, type Listener } from './telling.ts'
import { visitEachOther } from './visiting.ts'

/** Throws if an answer is not as expected. */
export async function playStory(stage: Stage, listener: Listener): Promise<void> {
  const teller = openTeller(stage.url, listener)
  const icog = await foundCoordination(teller, stage.operatorToken, randomUUID())
  const offer = await offerPact(teller, stage, icog)
  const counter = await answerByLink(teller, stage, icog, offer)
  const committee = await agreeAndSign(teller, icog, offer, counter)
  await visitEachOther(teller, stage, { icog, committee, pactId: offer.pactId })
}
