/**
 * Moves without a record of their own all go one way: `POST /v1/<things>/{id}/transitions {move, reason}`, with
 * `GET` as the history. One function registers the pair for every resource that has a lifecycle.
 */
import { and, asc, eq, gt, isNotNull, lte, sql, type SQL } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Access } from '../access.ts'
import type { ActionContext } from '../actions/action-context.ts'
import type { Db } from '../database/database.ts'
import { ledger } from '../ledger/ledger.ts'
import { transitionReasons } from '../ledger/reasons.ts'
import { movesOf, statesOf, type Lifecycle, type MoveOf } from './lifecycle.ts'
import { sendPage } from '../http/responses.ts'
import type { FieldClass } from '../contract/field-classes.ts'
import { storyIds, storyMoment } from '../contract/story.ts'
import { pageOf, pageParameters, positionOf } from '../wire/cursors.ts'
import type { Precondition } from '../http/preconditions.ts'
import { expectedVersion } from '../http/preconditions.ts'
import { idParams, instantOutput, listOf, prose } from '../wire/common-schemas.ts'

type Resource<L extends Lifecycle> = {
  /** The plural that stands in the address: `pacts`. */
  plural: string
  /** As the schemas are named: `Pact`. */
  name: string
  tag: string
  /** Who may know of its history. */
  fieldClass: FieldClass
  /** Who may know why it was moved, where they are fewer. */
  reasonClass?: FieldClass
  lifecycle: L
  /** What the entries of its moves tell beside, and everybody may know who reads the history. */
  details?: z.ZodType
  /** The moves that a person may ask for; the others happen by records and by jobs. */
  moves: readonly [MoveOf<L>, ...MoveOf<L>[]]
  /** Several parties may make a move; who speaks for more than one of them says for which. */
  byParties?: true
  /** A move may bring a name before the public that looks like another: who makes it says that they compared them. */
  comparesNames?: true
  read: Access
  write: Access
  /** Answers the resource as it stands after the move. */
  response: z.ZodType
  move(act: ActionContext, asked: AskedMove<L>): Promise<object>
  /** Throws the 404 of a missing one when the caller may read no history of it. */
  allowHistory(act: ActionContext, id: string): Promise<AllowedHistory>
}

/** The last version of which the caller may read, and whether they are told no reasons. */
export type AllowedHistory = { version: number; isWithoutReasons?: boolean }

export type AskedMove<L extends Lifecycle> = {
  id: string
  move: MoveOf<L>
  reason: string | undefined
  version: Precondition
  organisationId?: string | undefined
  acknowledged?: boolean | undefined
}

export function registerTransitions<L extends Lifecycle>(app: FastifyInstance, resource: Resource<L>): void {
  const { plural, name, tag } = resource
  const Transition = transitionShape(resource)
  const MoveRequest = moveRequestShape(resource)
  const thing = name.toLowerCase()
  const aThing = `${/^[aeio]/.test(thing) ? 'an' : 'a'} ${thing}`

  app.get(
    `/v1/${plural}/:id/transitions`,
    {
      config: { access: resource.read, list: true },
      schema: {
        operationId: `list${name}Transitions`,
        tags: [tag],
        summary: `The history of ${aThing}, oldest first`,
        params: idParams,
        querystring: z.strictObject(pageParameters),
        response: { 200: listOf(`${name}Transitions`, Transition) },
      },
    },
    async (request, reply) => {
      const { id } = request.params as z.infer<typeof idParams>
      const query = request.query as { limit: number; cursor?: string }
      const allowed = await resource.allowHistory(request.act, id)
      const rows = await transitionsOf(request.act.read, { id, ...allowed }, query)
      return sendPage(
        request,
        reply,
        pageOf(rows, query, (row) => String(row.position)),
      )
    },
  )

  app.post(
    `/v1/${plural}/:id/transitions`,
    {
      config: { access: resource.write, ifMatch: true },
      schema: {
        operationId: `move${name}`,
        tags: [tag],
        summary: `Move ${aThing} to another status`,
        description: `Needs \`If-Match\`. What is allowed now stands in \`allowedMoves\` of the ${thing}.`,
        params: idParams,
        body: MoveRequest,
        response: { 200: resource.response },
      },
    },
    async (request) => {
      const { id } = request.params as z.infer<typeof idParams>
      const { move, reason, organisationId, acknowledged } = request.body as MoveRequest<L>
      return resource.move(request.act, {
        id,
        move,
        reason,
        organisationId,
        acknowledged,
        version: expectedVersion(request),
      })
    },
  )
}

type MoveRequest<L extends Lifecycle> = {
  move: MoveOf<L>
  reason?: string
  organisationId?: string
  acknowledged?: boolean
}

function moveRequestShape<L extends Lifecycle>({ name, moves, byParties, comparesNames }: Resource<L>) {
  return z
    .strictObject({
      move: z.enum(moves),
      reason: prose(500)
        .optional()
        .meta({ description: 'Shown in the history for 24 months; do not write names into it.' }),
      ...(byParties && { organisationId: actingParty }),
      ...(comparesNames && { acknowledged }),
    })
    .meta({
      id: `${name}Move`,
      examples: [{ move: moves[0], reason: 'Agreed at the meeting of the committee.' }],
    })
}

/** For moves and renamings by which somebody vouches for a name. */
export const acknowledged = z.boolean().optional().meta({
  description:
    'That you compared it with its possible duplicates. Needed where there are some; GET /v1/organisations/{id}/possible-duplicates lists them.',
})

const actingParty = z
  .uuid()
  .optional()
  .meta({ description: 'For which party you act; needed only if you hold mandates in several.' })

function transitionShape<L extends Lifecycle>({
  name,
  lifecycle,
  fieldClass,
  reasonClass = fieldClass,
  details,
}: Resource<L>) {
  return z
    .object({
      id: z.uuid(),
      move: z.enum(movesOf(lifecycle)),
      from: z.enum(statesOf(lifecycle)),
      to: z.enum(statesOf(lifecycle)),
      reason: z.string().nullable().meta({
        description:
          'Null when none was given, to those who may not know it, and once it is forgotten: after 24 months, or with a person who wrote it.',
      }),
      ...(details && { details }),
      at: instantOutput,
      by: z.enum(['delegate', 'client', 'operator', 'link', 'system', 'anonymous']).meta({
        description: 'What kind of caller made the move; the history names nobody.',
      }),
    })
    .meta({
      id: `${name}Transition`,
      fieldClasses: { default: fieldClass, reason: reasonClass },
      examples: [
        {
          id: storyIds.transition,
          move: movesOf(lifecycle)[0],
          from: statesOf(lifecycle)[0],
          to: Object.values(Object.values(lifecycle)[0] ?? {})[0],
          reason: null,
          ...(details && { details: {} }),
          at: storyMoment,
          by: 'delegate',
        },
      ],
    })
}

type Subject = AllowedHistory & { id: string }

async function transitionsOf(
  db: Db,
  { id, version, isWithoutReasons }: Subject,
  query: { limit: number; cursor?: string },
) {
  const after: SQL | undefined = afterPosition(positionOf(query, 'entry')?.value)
  return db
    .select({
      id: ledger.id,
      position: ledger.position,
      move: ledger.move,
      from: ledger.fromStatus,
      to: ledger.toStatus,
      reason: isWithoutReasons ? sql<null>`null` : transitionReasons.reason,
      details: ledger.details,
      at: ledger.at,
      by: ledger.actorKind,
    })
    .from(ledger)
    .leftJoin(transitionReasons, eq(transitionReasons.entryId, ledger.id))
    .where(and(eq(ledger.subjectId, id), lte(ledger.subjectVersion, version), isNotNull(ledger.move), after))
    .orderBy(asc(ledger.position))
    .limit(query.limit + 1)
}

const afterPosition = (value: string | undefined): SQL | undefined =>
  value === undefined ? undefined : gt(ledger.position, Number(value))
