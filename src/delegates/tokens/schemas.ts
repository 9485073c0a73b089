import { z } from 'zod'
import { allScopes } from '../../platform/access.ts'
import { storyMoment, storyMonthLater, storySecret } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  distinct,
  idInput,
  instantOutput,
  line,
  listOf,
  Reference,
} from '../../platform/wire/common-schemas.ts'
import { power, scope } from '../schemas.ts'
import { linkCreators, tokenOrigins } from './tables.ts'
import { storyIds } from '../story.ts'
import { storyReferences } from '../../organisations/story.ts'

const scopeList = z.lazy(() => distinct(scope, allScopes().length).min(1).meta({ uniqueItems: true }))
/** The powers that an API client can have: never signing, never vouching. */
const clientPowers = ['administer', 'negotiate', 'visit'] as const

export const MintToken = z
  .strictObject({
    label: line(60).meta({
      description: 'A name to recognise it by, such as the device or the system that uses it.',
    }),
    scopes: scopeList,
    days: z.int().min(1).max(90).optional().meta({
      description:
        'The number of days until it expires. Default: 30. It expires no later than the token of this request, unless a code of your second factor was given with that token.',
    }),
    organisationId: idInput.optional().meta({
      description:
        'The organisation, if the token is for one of its API clients. Default: the token is your own.',
    }),
    powers: distinct(z.enum(clientPowers), clientPowers.length).optional().meta({
      description: 'What an API client may do for its organisation. Signing and vouching need a person.',
    }),
  })
  .refine(({ organisationId, powers }) => organisationId !== undefined || powers === undefined, {
    path: ['powers'],
    params: { code: 'without_organisation' },
    error:
      'are only for an API client: send its organisationId, or omit them; your own powers come from your mandates',
  })
  .meta({ id: 'MintToken', examples: [{ label: 'office laptop', scopes: ['pacts:read'], days: 30 }] })
export type MintToken = z.infer<typeof MintToken>

const tokenFields = {
  id: z.uuid(),
  kind: z.enum(['delegate', 'client', 'operator']),
  label: z.string(),
  scopes: z.array(scope),
  powers: z
    .array(power)
    .meta({ description: 'The powers of an API client. The powers of a delegate come from mandates.' }),
  organisation: Reference.nullable(),
  origin: z.enum(tokenOrigins).meta({
    description:
      'How the token was issued. Revoke a token that you do not recognise: somebody else may hold it.',
  }),
  byAdministrator: z.boolean().meta({
    description:
      'Whether it was issued for a link that somebody else created, an administrator of the organisation.',
  }),
  createdAt: instantOutput,
  expiresAt: instantOutput,
  revokedAt: instantOutput.nullable(),
}

const example = {
  id: storyIds.token,
  kind: 'delegate',
  label: 'office laptop',
  scopes: ['pacts:read'],
  powers: [],
  organisation: null,
  origin: 'minted',
  byAdministrator: false,
  createdAt: storyMoment,
  expiresAt: storyMonthLater,
  revokedAt: null,
}

export const Token = z
  .object(tokenFields)
  .meta({ id: 'Token', fieldClasses: { default: 'organisation' }, examples: [example] })

export const TokenMinted = z
  .object({ ...tokenFields, secret: z.string().meta({ description: 'Shown only in this response.' }) })
  .meta({
    id: 'TokenMinted',
    fieldClasses: { default: 'organisation' },
    examples: [{ ...example, secret: storySecret('spt_') }],
  })

export const TokenList = listOf('TokenList', Token)

export const tokenListParameters = z.strictObject(pageParameters)
export type TokenListParameters = z.infer<typeof tokenListParameters>

export const CreateEnrolmentLink = z
  .strictObject({ days: z.int().min(1).max(30).optional() })
  .meta({ id: 'CreateEnrolmentLink', examples: [{ days: 7 }] })
export type CreateEnrolmentLink = z.infer<typeof CreateEnrolmentLink>

export const EnrolmentLink = z
  .object({
    id: z.uuid(),
    secret: z.string().meta({
      description: 'Shown only in this response. Hand it over in person or through a secure messenger.',
    }),
    createdAt: instantOutput,
    expiresAt: instantOutput,
  })
  .meta({
    id: 'EnrolmentLink',
    fieldClasses: { default: 'private' },
    examples: [
      {
        id: storyIds.enrolmentLink,
        secret: storySecret('spe_'),
        createdAt: example.createdAt,
        expiresAt: '2026-11-30T20:00:00.000Z',
      },
    ],
  })

export const UnusedEnrolmentLink = z
  .object({
    id: z.uuid(),
    delegate: Reference,
    by: z.enum(linkCreators).meta({
      description:
        'Who created it: the person (`self`), an administrator of their organisation, or two coordinators through a recovery.',
    }),
    createdAt: instantOutput,
    expiresAt: instantOutput,
  })
  .meta({
    id: 'UnusedEnrolmentLink',
    fieldClasses: { default: 'organisation' },
    examples: [
      {
        id: storyIds.enrolmentLink,
        delegate: storyReferences.delegate,
        by: 'administrator',
        createdAt: example.createdAt,
        expiresAt: '2026-11-30T20:00:00.000Z',
      },
    ],
  })

export const EnrolmentLinkList = listOf('EnrolmentLinkList', UnusedEnrolmentLink)

export const Enrol = z
  .strictObject({
    secret: z.string().regex(/^spe_[A-Za-z0-9_-]{43}$/, 'must be an enrolment secret'),
    label: line(60),
    accessToken: z.string().max(8192).optional().meta({
      description:
        'An access token of your organisation’s identity provider, if this service accepts one. No token is issued here then: access tokens of this account act for you for one year.',
    }),
  })
  .meta({
    id: 'Enrol',
    examples: [{ secret: storySecret('spe_'), label: 'my phone' }],
  })

export type Enrol = z.infer<typeof Enrol>

export const Enrolled = z
  .object({
    id: z.uuid(),
    secret: z.string().nullable().meta({
      description:
        'Your token, shown only in this response. Null if your identity provider issues your tokens.',
    }),
    expiresAt: instantOutput,
    scopes: z.array(scope),
    delegateUrl: z.string(),
  })
  .meta({
    id: 'Enrolled',
    fieldClasses: { default: 'private' },
    examples: [
      {
        id: example.id,
        secret: storySecret('spt_'),
        expiresAt: example.expiresAt,
        scopes: ['pacts:read'],
        delegateUrl: storyReferences.delegate.url,
      },
    ],
  })
