/** What the history of a visit tells beside its moves. */
import { z } from 'zod'
import { instantOutput } from '../../platform/wire.ts'
import { localOutput } from '../schemas.ts'

const RetimedInstant = z
  .object({
    before: instantOutput,
    after: instantOutput,
    localBefore: localOutput,
    localAfter: localOutput,
    reading: z.enum(['once', 'twice', 'skipped']).meta({
      description:
        'How often the clocks show the agreed local time by the new rules. Of two, the one with the agreed offset is meant, else ' +
        'the earlier one. One that they skip is read with the offset from before.',
    }),
  })
  .meta({ id: 'RetimedInstant' })

const ZoneChange = z.object({ before: z.string().nullable(), after: z.string() }).meta({ id: 'ZoneChange' })

export const VisitTransitionDetails = z
  .object({
    timeZone: ZoneChange.optional().meta({ description: 'Of a `reschedule` with another time zone.' }),
    zoneData: ZoneChange.optional().meta({
      description:
        'Of a `retime`: the releases of the IANA time zone data. `before` is null where it was not kept.',
    }),
    windows: z
      .array(
        z
          .object({ windowId: z.uuid(), startsAt: RetimedInstant, endsAt: RetimedInstant })
          .meta({ id: 'RetimedWindow' }),
      )
      .optional()
      .meta({
        description:
          'Of a `retime`: the windows whose instants changed; their local times are what was agreed.',
      }),
    expectedElsewhere: z
      .int()
      .optional()
      .meta({
        description:
          'Of a `retime`: how many participants are expected elsewhere at the new time. Their time is no longer held. Make them ready ' +
          'again, replace them, or reschedule the visit.',
      }),
  })
  .meta({ id: 'VisitTransitionDetails', description: 'What else changed; empty for most moves.' })
