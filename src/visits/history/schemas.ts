/** Schemas of the details in the history of a visit. */
import { z } from 'zod'

const RetimedEnd = z
  .object({
    shiftSeconds: z.int().meta({
      description: 'The seconds by which it is later than before; negative if it is earlier.',
    }),
    reading: z.enum(['once', 'twice', 'skipped']).meta({
      description:
        'How often the clocks show the agreed local time by the new rules. `twice`: the visit uses the one with the agreed ' +
        'offset, else the earlier one. `skipped`: the visit uses the offset before the change of the clocks.',
    }),
  })
  .meta({ id: 'RetimedEnd' })

const ZoneChange = z.object({ before: z.string().nullable(), after: z.string() }).meta({ id: 'ZoneChange' })

export const VisitTransitionDetails = z
  .object({
    timeZone: ZoneChange.optional().meta({ description: 'For a `reschedule` with another time zone.' }),
    zoneData: ZoneChange.optional().meta({
      description:
        'For a `retime`: the releases of the IANA time zone data. `before` is null if it was not stored.',
    }),
    windows: z
      .array(
        z.object({ windowId: z.uuid(), start: RetimedEnd, end: RetimedEnd }).meta({ id: 'RetimedWindow' }),
      )
      .optional()
      .meta({
        description:
          'For a `retime`: the windows that changed, and by how much. The history contains no times; read the visit for them.',
      }),
    expectedElsewhere: z
      .int()
      .optional()
      .meta({
        description:
          'For a `retime`: the number of participants who are already booked at the new time. They are no longer booked for ' +
          'this visit. Make them ready again, replace them, or reschedule the visit.',
      }),
  })
  .meta({ id: 'VisitTransitionDetails', description: 'Further changes. Empty for most moves.' })
