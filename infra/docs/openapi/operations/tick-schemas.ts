import * as z from 'zod'
import { time } from './values.ts'

/** Every tick of a range. */
export const tickListSchema = z.strictObject({
  from: time,
  to: time,
  ticks: z.array(
    z
      .strictObject({
        job: z.string(),
        zone: z.string().describe('time zone of its schedule'),
        tick: time,
        skipped: z
          .enum(['paused', 'skipped-by-operator'])
          .nullable()
          .describe(
            'why it will be skipped, if all earlier ticks succeed; an override of the interval skips too',
          ),
      })
      .meta({ id: 'DueTick' }),
  ),
  without_ticks: z
    .array(z.strictObject({ job: z.string(), reason: z.string() }))
    .describe('jobs without a schedule, and those that are off'),
})
