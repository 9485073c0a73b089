/** What the history of a visit tells beside its moves. */
import { z } from 'zod'

const RetimedEnd = z
  .object({
    shiftSeconds: z.int().meta({
      description: 'By how many seconds it is later than before; negative where it is earlier.',
    }),
    reading: z.enum(['once', 'twice', 'skipped']).meta({
      description:
        'How often the clocks show the agreed local time by the new rules. Of two, the one with the agreed offset is meant, else ' +
        'the earlier one. One that they skip is read with the offset from before.',
    }),
  })
  .meta({ id: 'RetimedEnd' })

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
        z.object({ windowId: z.uuid(), start: RetimedEnd, end: RetimedEnd }).meta({ id: 'RetimedWindow' }),
      )
      .optional()
      .meta({
        description:
          'Of a `retime`: the windows that changed, and by how much. The history tells no times; read the visit for them.',
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
