import { z } from 'zod'
import { country, isicClass, language, region } from '../platform/wire/codes.ts'
import { movesOf, statesOf } from '../platform/lifecycle/lifecycle.ts'
import { storyMonthLater, storyResource } from '../platform/wire/story.ts'
import { pageParameters, updatedAfterParameter } from '../platform/wire/cursors.ts'
import { acknowledged } from '../platform/lifecycle/transitions.ts'
import {
  anyOf,
  distinct,
  idInput,
  instantOutput,
  line,
  listOf,
  prose,
  Reference,
  resourceFields,
  searchWords,
} from '../platform/wire/common-schemas.ts'
import { website } from '../platform/wire/websites.ts'
import { organisationKinds, organisationLifecycle } from './lifecycle.ts'
import { storyIds, storyReferences } from './story.ts'

const kind = z.enum(organisationKinds)
/** A union of metal workers in Sorocaba needs 268. */
const nameCharsMax = 400
const variants = distinct(line(nameCharsMax), 40).meta({
  description: 'Other spellings, scripts and former names.',
})
const industries = distinct(isicClass, 20).meta({ description: 'ISIC Rev.4 classes, four digits.' })
const languages = distinct(language, 20)

export const ExternalId = z.strictObject({ system: line(60), id: line(200) }).meta({
  id: 'ExternalId',
  description: 'The identifier of the organisation in another system.',
  examples: [{ system: 'wikidata', id: 'Q1' }],
})

const externalIds = distinct(ExternalId, 20, ({ system, id }) => JSON.stringify([system, id]))

const described = {
  kind,
  name: line(nameCharsMax),
  nameVariants: variants.optional(),
  abbreviation: line(40).optional(),
  country,
  region: region.optional(),
  languages: languages.optional(),
  industries: industries.optional(),
  website: website.optional(),
  about: prose(4000).optional(),
  memberCount: z.int().min(0).max(100_000_000).optional(),
  externalIds: externalIds.optional(),
}

const mtz = {
  kind: 'strike_committee',
  name: storyReferences.committee.name,
  nameVariants: ['Стачечный комитет Минского тракторного завода', 'МТЗ', 'Minsk tractor'],
  country: 'BY',
  languages: ['be', 'ru'],
  industries: ['2821'],
}

export const RegisterOrganisation = z
  .strictObject({
    ...described,
    invitation: z
      .string()
      .regex(/^spi_[A-Za-z0-9_-]{43}$/, 'must be the secret of an invitation')
      .optional()
      .meta({
        description:
          'The secret of an invitation from a coordination. With it, the daily limits on registrations do not apply.',
      }),
    vouchingCoordinationId: idInput.optional().meta({
      description:
        'The verified coordination that you ask to verify your organisation. Default: the coordination that invited it.',
    }),
    secretary: z
      .strictObject({
        displayName: line(80).meta({
          description: 'The name of the first secretary. It can be a pseudonym.',
        }),
        pseudonym: z.boolean().default(true),
        languages: languages.optional(),
      })
      .meta({ id: 'FirstSecretary' }),
  })
  .meta({
    id: 'RegisterOrganisation',
    examples: [{ ...mtz, secretary: { displayName: storyReferences.delegate.name, pseudonym: true } }],
  })
export type RegisterOrganisation = z.infer<typeof RegisterOrganisation>

export const CreateAddressee = z.strictObject(described).meta({ id: 'CreateAddressee', examples: [mtz] })
export type CreateAddressee = z.infer<typeof CreateAddressee>

export const ChangeOrganisation = z
  .strictObject({
    name: described.name.optional(),
    nameVariants: variants.optional(),
    abbreviation: line(40).nullable().optional(),
    country: country.optional(),
    region: region.nullable().optional(),
    languages: described.languages,
    industries: industries.optional(),
    website: website.nullable().optional(),
    about: prose(4000).nullable().optional(),
    memberCount: z.int().min(0).max(100_000_000).nullable().optional(),
    externalIds: described.externalIds,
  })
  .meta({
    id: 'ChangeOrganisation',
    description: 'A merge patch (RFC 7396). Omitted fields stay unchanged; null clears a field.',
    examples: [{ about: 'We organise all shifts.', website: null }],
  })
export type ChangeOrganisation = z.infer<typeof ChangeOrganisation>

export const RenameOrganisation = z
  .strictObject({
    name: described.name,
    country: country.optional().meta({ description: 'Default: the current country.' }),
    acknowledged,
  })
  .meta({ id: 'RenameOrganisation', examples: [{ name: 'Union of Machine Builders' }] })
export type RenameOrganisation = z.infer<typeof RenameOrganisation>

const Awaiting = z
  .object({
    move: z.enum(movesOf(organisationLifecycle)),
    until: instantOutput,
    intoId: z
      .uuid()
      .nullable()
      .meta({ description: 'For a merger: the organisation that receives the other.' }),
    receiverAgreed: z
      .boolean()
      .meta({ description: 'Whether a secretary of the receiving organisation has approved the merger.' }),
  })
  .meta({
    id: 'AwaitedConcurrence',
    description: 'A decision that takes effect when another person approves it.',
  })

const AwaitedName = z.object({ name: z.string(), country: z.string(), until: instantOutput }).meta({
  id: 'AwaitedName',
  description: 'A requested name. It takes effect when a coordinator sends the same request.',
})

const KnownBy = z.object({ id: z.uuid(), url: z.string() }).meta({ id: 'KnownBy' })

/** The status of an organisation when it did something. */
export const organisationStatusThen = z.enum(statesOf(organisationLifecycle)).nullable().meta({
  description:
    'The status of the organisation at that time. Only `verified` means that somebody had verified it. Null if the status was not recorded.',
})

export const exampleOrganisation = {
  ...storyResource('organisations', storyIds.committee),
  status: 'provisional',
  allowedMoves: [],
  awaiting: null,
  vouchBy: storyMonthLater,
  ...mtz,
  abbreviation: 'МТЗ',
  region: null,
  website: null,
  about: null,
  memberCount: null,
  externalIds: [],
  mergedInto: null,
  renaming: null,
  formerNames: [],
  madeKnownBy: null,
  claimedAt: null,
  invitedBy: null,
  vouchingCoordination: null,
}

export const Organisation = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(statesOf(organisationLifecycle)),
    allowedMoves: z.array(z.enum(movesOf(organisationLifecycle))).meta({
      description:
        'The moves that this caller can make now with POST …/transitions (`merge` with POST …/mergers).',
    }),
    vouchBy: instantOutput.nullable().meta({
      description:
        'While the organisation is provisional: the deadline for its verification. After that the registration expires.',
    }),
    awaiting: Awaiting.nullable().meta({
      description:
        'Shown only to its administrators, to administrators of the organisation that would receive it, to coordinators and to the operator.',
    }),
    renaming: AwaitedName.nullable().meta({
      description: 'Shown only to its administrators, to coordinators and to the operator.',
    }),
    kind,
    name: z.string(),
    nameVariants: z.array(z.string()),
    abbreviation: z.string().nullable(),
    country: z.string(),
    region: z.string().nullable(),
    languages: z.array(z.string()),
    industries: z.array(z.string()),
    website: z.string().nullable(),
    about: z.string().nullable(),
    memberCount: z.int().nullable(),
    externalIds: z.array(z.object({ system: z.string(), id: z.string() }).meta({ id: 'KnownExternalId' })),
    mergedInto: Reference.nullable(),
    formerNames: z.array(z.string()).meta({
      description:
        'Names that the organisation gave up after it had been verified under them, oldest first. It cannot remove them.',
    }),
    madeKnownBy: KnownBy.nullable().meta({
      description:
        'The coordination that created the organisation before it had an account, and whose link claims it. Shown only to the organisation itself and to members of verified organisations. Null if the organisation registered itself.',
    }),
    claimedAt: instantOutput.nullable().meta({
      description:
        'When the account was claimed with a link of that coordination. Shown to the same callers as `madeKnownBy`.',
    }),
    invitedBy: KnownBy.nullable().meta({
      description:
        'The coordination whose invitation it used to register. Shown only to its administrators, to coordinators and to the operator.',
    }),
    vouchingCoordination: KnownBy.nullable().meta({
      description:
        'The coordination that it asked for verification. Shown to the same callers as `invitedBy`.',
    }),
  })
  .meta({
    id: 'Organisation',
    fieldClasses: {
      default: 'public',
      awaiting: 'organisation',
      renaming: 'organisation',
      madeKnownBy: 'network',
      claimedAt: 'network',
      invitedBy: 'organisation',
      vouchingCoordination: 'organisation',
    },
    examples: [exampleOrganisation],
  })

export const OrganisationList = listOf('OrganisationList', Organisation)

export const MergeOrganisation = z
  .strictObject({
    intoId: idInput,
    reason: prose(500).optional(),
  })
  .meta({
    id: 'MergeOrganisation',
    examples: [{ intoId: exampleOrganisation.id, reason: 'The two shops voted to unite.' }],
  })
export type MergeOrganisation = z.infer<typeof MergeOrganisation>

export const listParameters = z.strictObject({
  q: searchWords(nameCharsMax).optional().meta({
    description:
      'Words, or parts of words, of the name, its variants and its abbreviation, in any script and any order. All of them must match. The best matches come first.',
  }),
  country: anyOf(country),
  industry: anyOf(isicClass),
  kind: anyOf(kind),
  status: anyOf(z.enum(statesOf(organisationLifecycle))),
  updatedAfter: updatedAfterParameter,
  ...pageParameters,
})
export type ListParameters = z.infer<typeof listParameters>
