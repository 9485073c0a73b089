import { z } from 'zod'
import { country, isicClass, language, region } from '../platform/wire/codes.ts'
import { movesOf, statesOf } from '../platform/lifecycle/lifecycle.ts'
import { storyIds, storyMonthLater, storyReferences, storyResource } from '../platform/contract/story.ts'
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
  description: 'What another system calls it.',
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
          'The secret of a coordination’s invitation. With it, registering is not limited by how many others register.',
      }),
    vouchingCoordinationId: idInput.optional().meta({
      description:
        'The verified coordination that you ask to verify your organisation; unless you say otherwise, the one that invited it.',
    }),
    secretary: z
      .strictObject({
        displayName: line(80).meta({
          description: 'How the first secretary wants to be called; a pseudonym will do.',
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
    description: 'A merge patch (RFC 7396): what is left out stays, null clears.',
    examples: [{ about: 'We organise all shifts.', website: null }],
  })
export type ChangeOrganisation = z.infer<typeof ChangeOrganisation>

export const RenameOrganisation = z
  .strictObject({
    name: described.name,
    country: country.optional().meta({ description: 'As it was, unless told.' }),
    acknowledged,
  })
  .meta({ id: 'RenameOrganisation', examples: [{ name: 'Union of Machine Builders' }] })
export type RenameOrganisation = z.infer<typeof RenameOrganisation>

const Awaiting = z
  .object({
    move: z.enum(movesOf(organisationLifecycle)),
    until: instantOutput,
    intoId: z.uuid().nullable().meta({ description: 'The organisation that a merger leads into.' }),
    receiverAgreed: z
      .boolean()
      .meta({ description: 'Whether a secretary of that organisation has asked for the same merger.' }),
  })
  .meta({
    id: 'AwaitedConcurrence',
    description: 'A decision that takes effect when another person agrees.',
  })

const AwaitedName = z
  .object({ name: z.string(), country: z.string(), until: instantOutput })
  .meta({ id: 'AwaitedName', description: 'A name that is taken when a coordinator asks for the same.' })

const KnownBy = z.object({ id: z.uuid(), url: z.string() }).meta({ id: 'KnownBy' })

/** What an organisation was when it did something. */
export const organisationStatusThen = z.enum(statesOf(organisationLifecycle)).nullable().meta({
  description:
    'What it was at that instant: only for one that was `verified` had anybody vouched. Null where that was not kept.',
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
      description: 'What this caller may do now by POST …/transitions (`merge` by POST …/mergers).',
    }),
    vouchBy: instantOutput.nullable().meta({
      description: 'While it is provisional: until when somebody must have vouched for it, lest it lapses.',
    }),
    awaiting: Awaiting.nullable().meta({
      description:
        'Told to its secretaries, to those of the one it would be merged into and to coordinators only.',
    }),
    renaming: AwaitedName.nullable().meta({
      description: 'Told to its secretaries and to coordinators only.',
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
        'Names that it gave up after somebody had vouched for it, oldest first. It cannot take them out.',
    }),
    madeKnownBy: KnownBy.nullable().meta({
      description:
        'The coordination that made it known before it had an account, and whose link claims it. Told to itself and to ' +
        'members of verified organisations; null where it registered by itself.',
    }),
    claimedAt: instantOutput.nullable().meta({
      description: 'When the account was claimed by a link of that coordination. Told to the same.',
    }),
    invitedBy: KnownBy.nullable().meta({
      description:
        'The coordination with whose invitation it registered. Told to its secretaries and to coordinators only.',
    }),
    vouchingCoordination: KnownBy.nullable().meta({
      description: 'The coordination that it asked to verify it. Told to the same.',
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
      'Words or parts of words of a name, its variants and its abbreviation, in any script and any order; all must be found. Best matches first.',
  }),
  country: anyOf(country),
  industry: anyOf(isicClass),
  kind: anyOf(kind),
  status: anyOf(z.enum(statesOf(organisationLifecycle))),
  updatedAfter: updatedAfterParameter,
  ...pageParameters,
})
export type ListParameters = z.infer<typeof listParameters>
