import { z } from 'zod'
import { storyMoment } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { instantOutput, listOf, Reference } from '../../platform/wire/common-schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

export const approvalKinds = [
  'transition',
  'merger',
  'renaming',
  'seal_lifting',
  'recovery',
  'disclosure',
] as const
export type ApprovalKind = (typeof approvalKinds)[number]

const Subject = z
  .object({
    id: z.uuid(),
    name: z.string().nullable().meta({ description: 'The name of an organisation; null for other things.' }),
    url: z.string(),
  })
  .meta({
    id: 'ApprovalSubject',
    fieldClasses: { default: 'organisation' },
    description: 'The thing that waits for the approval. Read it at its `url`.',
  })

const Body = z
  .object({
    move: z.string().optional(),
    intoId: z.uuid().optional(),
    name: z.string().optional(),
    country: z.string().optional(),
  })
  .meta({
    id: 'ApprovalBody',
    fieldClasses: { default: 'organisation' },
    description: 'What to send. Other fields that the operation takes can be added.',
  })

const Operation = z.object({ method: z.literal('POST'), url: z.string(), body: Body.nullable() }).meta({
  id: 'ApprovalOperation',
  fieldClasses: { default: 'organisation' },
  description: 'The request that gives the approval. `body` is null where it takes none.',
})

export const Approval = z
  .object({
    kind: z.enum(approvalKinds),
    subject: Subject,
    requestedFor: Reference.nullable().meta({
      description:
        'The organisation that the first person acts for. Null for the operator, and where you cannot know it.',
    }),
    requestedBy: Reference.nullable().meta({
      description: 'The delegate who gave the first approval. Null where you cannot read that delegate.',
    }),
    requestedAt: instantOutput,
    expiresAt: instantOutput.meta({ description: 'Until when the first approval waits: 72 hours.' }),
    mayApprove: z.boolean().meta({
      description:
        'Whether you can give the approval. For a recovery and a disclosure you also need your second factor.',
    }),
    operation: Operation,
  })
  .meta({
    id: 'Approval',
    fieldClasses: { default: 'organisation' },
    examples: [
      {
        kind: 'transition',
        subject: storyReferences.committee,
        requestedFor: storyReferences.icog,
        requestedBy: storyReferences.delegate,
        requestedAt: storyMoment,
        expiresAt: '2026-11-26T20:00:00.000Z',
        mayApprove: true,
        operation: {
          method: 'POST',
          url: `/v1/organisations/${storyIds.committee}/transitions`,
          body: { move: 'suspend' },
        },
      },
    ],
  })
export type ApprovalBody = z.infer<typeof Body>
export const ApprovalList = listOf('ApprovalList', Approval)

export const approvalListParameters = z.strictObject({
  mayApprove: z.boolean().optional().meta({
    description: 'Only those that you can give, or only those that you cannot give.',
  }),
  ...pageParameters,
})
export type ApprovalListParameters = z.infer<typeof approvalListParameters>
