import { z } from 'zod'
import { storyDigest, storyMoment } from '../../platform/wire/story.ts'
import { language } from '../../platform/wire/codes.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  anyOf,
  dateInput,
  idInput,
  instantInput,
  instantOutput,
  line,
  listOf,
  prose,
  Reference,
  resourceFields,
} from '../../platform/wire/common-schemas.ts'
import { purposes } from '../lifecycle.ts'
import { commitmentKinds, proposalLifecycle } from './lifecycle.ts'
import { storyIds, storyReferences } from '../story.ts'

const textsMax = 10
const commitmentsMax = 50
const withinHoursMax = 8760
const monthsMax = 60
const noticeDaysMax = 366

const { icog, committee, pact, proposal: id } = storyIds

const Due = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('on_request'), withinHours: z.int().min(1).max(withinHoursMax) }).meta({
      id: 'DueOnRequest',
      description: 'Within this number of hours after the beneficiary asks for it.',
    }),
    z
      .strictObject({ kind: z.literal('by_date'), date: dateInput })
      .meta({ id: 'DueByDate', description: 'On this day at the latest. The day ends at midnight UTC.' }),
    z
      .strictObject({ kind: z.literal('every_months'), months: z.int().min(1).max(monthsMax) })
      .meta({ id: 'DueEveryMonths', description: 'At least once in every period of this number of months.' }),
  ],
  { error: 'must be on_request, by_date or every_months' },
)

const partyOrAll = z
  .string()
  .regex(
    /^(all|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$/,
    'must be the id of a party, or "all"',
  )
  .toLowerCase()

export const Commitment = z
  .strictObject({
    kind: z.enum(commitmentKinds),
    giver: partyOrAll.meta({ description: 'The id of the party that promises, or `all`.' }),
    beneficiary: partyOrAll.meta({ description: 'The id of the party to which it is promised, or `all`.' }),
    description: prose(2000),
    due: Due,
  })
  .meta({ id: 'Commitment', description: 'One promise in a pact.' })

export const Term = z
  .strictObject({
    startsOn: dateInput.meta({ description: 'The first day, from midnight UTC.' }),
    endsOn: dateInput
      .nullable()
      .meta({ description: 'The last day. It ends at midnight UTC. Null if no last day is agreed.' }),
  })
  .refine((term) => term.endsOn === null || term.endsOn > term.startsOn, {
    path: ['endsOn'],
    params: { code: 'ends_before_it_starts' },
    error: 'must be after startsOn',
  })
  .meta({ id: 'Term' })

export const PactText = z.strictObject({ title: line(200), body: prose(20_000) }).meta({ id: 'PactText' })

const texts = z
  .record(language, PactText)
  .refine((given) => Object.keys(given).length >= 1 && Object.keys(given).length <= textsMax, {
    params: { code: 'wrong_count' },
    error: `must contain 1 to ${textsMax} languages`,
  })
  .meta({ description: 'The texts by language (BCP 47 tag).' })

/** The fields of a proposal that its author sends. */
export const proposalFields = {
  authentic: language.meta({ description: 'The language of the text that is decisive if the texts differ.' }),
  texts,
  commitments: z.array(Commitment).max(commitmentsMax),
  term: Term,
  noticeDays: z.int().min(0).max(noticeDaysMax).meta({
    description:
      'The days of notice on which the parties agree. The service only stores the number; no request ends a pact that is in force.',
  }),
  answerBy: instantInput.meta({
    description: 'The deadline for accepting. It must be in the future, within 365 days.',
  }),
}

type PreviousProposal = { authentic: string; texts: Record<string, unknown> }
export const hasAuthenticText = (proposal: PreviousProposal): boolean =>
  Object.hasOwn(proposal.texts, proposal.authentic)
export const authenticFault = {
  path: ['authentic'],
  params: { code: 'not_among_the_texts' },
  error: 'must be a language of one of the texts',
}

export const exampleTerms = {
  authentic: 'en',
  texts: {
    en: { title: 'Solidarity pact', body: 'We make your struggle known and visit each other.' },
    de: { title: 'Solidaritätspakt', body: 'Wir machen euren Kampf bekannt und besuchen einander.' },
  },
  commitments: [
    {
      kind: 'protest_action',
      giver: icog,
      beneficiary: committee,
      description: 'A protest when strike leaders are arrested.',
      due: { kind: 'on_request', withinHours: 72 },
    },
  ],
  term: { startsOn: '2026-12-01', endsOn: null },
  noticeDays: 30,
}
export const exampleProposal = { ...exampleTerms, answerBy: '2026-12-20T20:00:00.000Z' }

export const Propose = z
  .strictObject({
    ...proposalFields,
    supersedesId: idInput
      .optional()
      .meta({ description: 'The open proposal that this one replaces. Leave it out if none is open.' }),
    organisationId: idInput.optional().meta({
      description: 'The party for which you act. Required only if you have mandates in several parties.',
    }),
  })
  .refine(hasAuthenticText, authenticFault)
  .meta({ id: 'Propose', examples: [exampleProposal] })
export type Propose = z.infer<typeof Propose>

export const ProposalContent = z
  .strictObject({
    pactId: z.uuid(),
    number: z.int(),
    purpose: z.enum(purposes),
    parties: z.array(z.uuid()).meta({ description: 'All parties that must sign, ordered by id.' }),
    authentic: language,
    texts,
    commitments: z.array(Commitment),
    term: Term,
    noticeDays: z.int(),
  })
  .meta({
    id: 'ProposalContent',
    description: 'The content of the agreement. The digest covers exactly this (canonical JSON, RFC 8785).',
  })
export type ProposalContent = z.infer<typeof ProposalContent>

const ShownText = z
  .object({ language: z.string(), title: z.string(), body: z.string(), authentic: z.boolean() })
  .meta({ id: 'ShownText', description: 'The text in the language that `Accept-Language` prefers.' })

export const exampleContent = {
  pactId: pact,
  number: 1,
  purpose: 'mutual_support',
  parties: [committee, icog],
  ...exampleTerms,
}

export const exampleCreatedProposal = {
  id,
  version: 1,
  createdAt: storyMoment,
  updatedAt: storyMoment,
  url: `/v1/proposals/${id}`,
  pact: storyReferences.pact,
  number: 1,
  status: 'open',
  author: storyReferences.icog,
  supersedesId: null,
  answerBy: exampleProposal.answerBy,
  contentDigest: storyDigest,
  content: exampleContent,
  text: { language: 'en', ...exampleTerms.texts.en, authentic: true },
}

export const Proposal = z
  .object({
    ...resourceFields,
    url: z.string(),
    pact: Reference,
    number: z.int().meta({ description: 'The first proposal of a pact has number 1; later ones follow.' }),
    status: z.enum(statesOf(proposalLifecycle)),
    author: Reference.meta({ description: 'The party that made the proposal and thereby accepted it.' }),
    supersedesId: z.uuid().nullable(),
    answerBy: instantOutput,
    contentDigest: z.string().meta({ description: 'SHA-256 of the canonical JSON of `content`, in hex.' }),
    content: ProposalContent,
    text: ShownText,
  })
  .meta({
    id: 'Proposal',
    fieldClasses: { default: 'parties' },
    examples: [exampleCreatedProposal],
  })

export const ProposalList = listOf('ProposalList', Proposal)

export const proposalListParameters = z.strictObject({
  status: anyOf(z.enum(statesOf(proposalLifecycle))),
  ...pageParameters,
})
export type ProposalListParameters = z.infer<typeof proposalListParameters>
