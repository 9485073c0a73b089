import { z } from 'zod'
import { storyDigest, storyMoment } from '../platform/wire/story.ts'
import { statesOf } from '../platform/lifecycle/lifecycle.ts'
import { pageParameters, updatedAfterParameter } from '../platform/wire/cursors.ts'
import {
  anyOf,
  dateOutput,
  idInput,
  instantOutput,
  line,
  listOf,
  Reference,
  resourceFields,
} from '../platform/wire/common-schemas.ts'
import { askedPactMoves, pactLifecycle, purposes, partyStatuses } from './lifecycle.ts'
import { proposalLifecycle } from './proposals/lifecycle.ts'
import { storyIds, storyReferences } from './story.ts'

const addresseesMax = 20

const { icog, committee, pact: id, proposal: proposalId } = storyIds
const title = storyReferences.pact.name

export const DraftPact = z
  .strictObject({
    organisationId: idInput.meta({ description: 'The proposing organisation, for which you act.' }),
    title: line(200),
    purpose: z.enum(purposes),
    partyIds: z
      .array(idInput)
      .min(1)
      .max(addresseesMax)
      .meta({ description: 'The invited organisations. They need no account yet.' }),
  })
  .meta({
    id: 'DraftPact',
    examples: [{ organisationId: icog, title, purpose: 'mutual_support', partyIds: [committee] }],
  })
export type DraftPact = z.infer<typeof DraftPact>

export const ChangePact = z
  .strictObject({ title: line(200).optional() })
  .meta({ id: 'ChangePact', description: 'A merge patch (RFC 7396).', examples: [{ title }] })
export type ChangePact = z.infer<typeof ChangePact>

const PactParty = z
  .object({
    organisation: Reference,
    standing: z
      .enum(partyStatuses)
      .meta({ description: 'A party that declined stays in the list as `declined`.' }),
    acceptedCurrent: z.boolean().meta({ description: 'Whether the party accepted or made `proposal`.' }),
    signed: z.boolean().meta({ description: 'Whether the party signed `proposal`.' }),
  })
  .meta({ id: 'PactParty' })

const CurrentProposal = z
  .object({
    id: z.uuid(),
    url: z.string(),
    number: z.int(),
    status: z.enum(statesOf(proposalLifecycle)),
    authorId: z.uuid(),
    contentDigest: z.string(),
    answerBy: instantOutput,
  })
  .meta({ id: 'CurrentProposal', description: 'The latest proposal, or the one that all have accepted.' })

export const examplePact = {
  id,
  version: 3,
  createdAt: storyMoment,
  updatedAt: storyMoment,
  url: `/v1/pacts/${id}`,
  status: 'negotiating',
  allowedMoves: ['withdraw', 'decline'],
  title,
  purpose: 'mutual_support',
  proposer: storyReferences.icog,
  parties: [
    {
      organisation: storyReferences.icog,
      standing: 'party',
      acceptedCurrent: true,
      signed: false,
    },
    {
      organisation: storyReferences.committee,
      standing: 'invited',
      acceptedCurrent: false,
      signed: false,
    },
  ],
  proposal: {
    id: proposalId,
    url: `/v1/proposals/${proposalId}`,
    number: 1,
    status: 'open',
    authorId: icog,
    contentDigest: storyDigest,
    answerBy: '2026-12-20T20:00:00.000Z',
  },
  startsOn: null,
  endsOn: null,
  noticeDays: null,
  signBy: null,
  activatedAt: null,
}

export const Pact = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(pactLifecycle)).meta({
      description:
        'For a party that declined, the status is `declined`, and the pact stays as it was at that moment.',
    }),
    allowedMoves: z
      .array(z.enum(askedPactMoves))
      .meta({ description: 'The moves that this caller may make now with POST …/transitions.' }),
    title: z.string(),
    purpose: z.enum(purposes),
    proposer: Reference,
    parties: z.array(PactParty),
    proposal: CurrentProposal.nullable().meta({
      description: 'Null before the first proposal, and after the negotiation was reopened.',
    }),
    startsOn: dateOutput
      .nullable()
      .meta({ description: 'The first day, from midnight UTC. Null until the last signature.' }),
    endsOn: dateOutput
      .nullable()
      .meta({ description: 'The last day on which the pact is in force. It ends at midnight UTC.' }),
    noticeDays: z
      .int()
      .nullable()
      .meta({ description: 'The agreed days of notice. No request ends a pact that is in force.' }),
    signBy: instantOutput.nullable().meta({ description: 'The deadline for all signatures.' }),
    activatedAt: instantOutput.nullable(),
  })
  .meta({
    id: 'Pact',
    fieldClasses: { default: 'parties' },
    examples: [examplePact],
  })

export const PactList = listOf('PactList', Pact)

export const pactListParameters = z.strictObject({
  status: anyOf(z.enum(statesOf(pactLifecycle))),
  purpose: anyOf(z.enum(purposes)),
  partyId: idInput
    .optional()
    .meta({ description: 'Only pacts in which this organisation also is, or was, a party.' }),
  updatedAfter: updatedAfterParameter,
  ...pageParameters,
})
export type PactListParameters = z.infer<typeof pactListParameters>
