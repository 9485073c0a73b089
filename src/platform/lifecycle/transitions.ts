/**
 * Registers the transitions of a resource with a lifecycle: `POST /v1/<things>/{id}/transitions {move, reason}` for every move
 * that has no record of its own, and `GET` for the history.
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
import { storyId, storyMoment } from '../wire/story.ts'
import { pageOf, pageParameters, positionOf } from '../wire/cursors.ts'
import type { Precondition } from '../ledger/versioned-update.ts'
import { expectedVersion } from '../http/preconditions.ts'
import { idParams, instantOutput, listOf, prose } from '../wire/common-schemas.ts'

type Resource<L extends Lifecycle> = {
  /** The plural in the address: `pacts`. */
  plural: string
  /** The name of its schema: `Pact`. */
  name: string
  tag: string
  /** Who may read its history. */
  fieldClass: FieldClass
  /** Who may read the reasons, if they are fewer. */
  reasonClass?: FieldClass
  lifecycle: L
  /** Further details in the ledger entry of a move, for every reader of the history. */
  details?: z.ZodType
  /** The moves that a person may request. Records and jobs make the others. */
  moves: readonly [MoveOf<L>, ...MoveOf<L>[]]
  /** Several parties may make a move, so a caller with mandates in more than one must name the party. */
  byParties?: true
  /** A move may publish a name that looks like another, so the caller must confirm that they compared them. */
  comparesNames?: true
  read: Access
  write: Access
  /** The schema of the resource after the move. */
  response: z.ZodType
  move(context: ActionContext, asked: AskedMove<L>): Promise<object>
  /** Throws the 404 of a missing resource if the caller may not read its history. */
  allowHistory(context: ActionContext, id: string): Promise<AllowedHistory>
}

/** The last version that the caller may read, and whether reasons are left out for them. */
export type AllowedHistory = { version: number; isWithoutReasons?: boolean | undefined }

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
      const { version, isWithoutReasons } = await resource.allowHistory(request.context, id)
      const rows = await transitionsOf(request.context.read, { id, version, isWithoutReasons }, query)
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
        description: `Requires \`If-Match\`. \`allowedMoves\` of the ${thing} lists the moves that you may make now.`,
        params: idParams,
        body: MoveRequest,
        response: { 200: resource.response },
      },
    },
    async (request) => {
      const { id } = request.params as z.infer<typeof idParams>
      const { move, reason, organisationId, acknowledged } = request.body as MoveRequest<L>
      return resource.move(request.context, {
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
        .meta({ description: 'Shown in the history for 24 months. Do not write names of people into it.' }),
      ...(byParties && { organisationId: actingParty }),
      ...(comparesNames && { acknowledged }),
    })
    .meta({
      id: `${name}Move`,
      examples: [{ move: moves[0], reason: 'Agreed at the meeting of the committee.' }],
    })
}

/** The field for moves and renamings that publish a name. */
export const acknowledged = z.boolean().optional().meta({
  description:
    'Confirms that you compared the organisation with its possible duplicates. Required if there are any; GET /v1/organisations/{id}/possible-duplicates lists them.',
})

const actingParty = z.uuid().optional().meta({
  description: 'The party for which you act. Required only if you have mandates in several parties.',
})

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
          'Null if none was given, if you may not read it, or if it was deleted: after 24 months, or when its author was erased.',
      }),
      ...(details && { details }),
      at: instantOutput,
      by: z.enum(['delegate', 'client', 'operator', 'link', 'system', 'anonymous']).meta({
        description: 'The kind of caller that made the move. The history names nobody.',
      }),
    })
    .meta({
      id: `${name}Transition`,
      fieldClasses: { default: fieldClass, reason: reasonClass },
      examples: [
        {
          id: storyId('09'),
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
