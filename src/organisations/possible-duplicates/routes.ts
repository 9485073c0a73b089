/**
 * GET    /v1/organisations/:id/possible-duplicates
 */
import { holdersAndOperator } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { readPossibleDuplicates } from './actions.ts'
import { PossibleDuplicates } from './schemas.ts'

export function possibleDuplicateRoutes(app: App): void {
  app.get(
    '/v1/organisations/:id/possible-duplicates',
    {
      config: { access: holdersAndOperator('organisations:read') },
      schema: {
        operationId: 'getPossibleDuplicates',
        tags: ['Organisations'],
        summary: 'List organisations with a name that could be confused with this one',
        description:
          'For coordinators, for the operator and for administrators of the organisation. Compare them before you verify the organisation. If there are any, `verify` and a renaming need `acknowledged: true`.',
        params: idParams,
        response: { 200: PossibleDuplicates },
      },
    },
    ({ context, params }) => readPossibleDuplicates(context.read, context, params.id),
  )
}
