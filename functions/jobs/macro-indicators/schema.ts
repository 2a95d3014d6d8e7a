import * as z from 'zod'
import { nextCursor, optionalRecordMeta, recordMeta } from '#functions/runtime/record-schemas.ts'

const change = z.number().nullable().describe('in change_unit; null without a reference in its period')
const reference = z.iso.date().nullable().describe('date of the observation that it is compared with')
const day = z.iso.date().describe('day in New York from which on we had the value')

const identity = {
  series_id: z.string().describe('the series of FRED, with _PC1 for its change from a year before'),
  fred_series_id: z.string(),
  group: z.enum(['MONETARY', 'ECONOMIC', 'SENTIMENT']),
  name: z.string(),
  unit: z.string(),
  change_unit: z.enum(['percent', 'pp']).describe('percent of the reference, or percentage points'),
}

const figures = {
  value: z.number(),
  date: z.iso.date().describe('first day of the period of the observation'),
  change_1m: change,
  reference_date_1m: reference,
  change_3m: change,
  reference_date_3m: reference,
  change_1y: change,
  reference_date_1y: reference,
  seen_on: day,
}

const degraded_reasons = z
  .array(z.enum(['stale_observation']))
  .describe('stale_observation: the newest observation is too old for its frequency')

const record = z.strictObject({ ...identity, ...figures, degraded_reasons }).meta({ id: 'MacroIndicator' })

const observations = z
  .array(z.strictObject({ date: z.iso.date(), value: z.number(), seen_on: day }))
  .max(400)
  .describe('newest first')

const pastRecord = z
  .strictObject({
    ...identity,
    ...figures,
    value: figures.value.nullable().describe('null before the first value that we had'),
    date: figures.date.nullable(),
    seen_on: day.nullable(),
    degraded_reasons,
    as_of: z.iso.date().describe('as requested'),
    observations: observations.optional(),
  })
  .meta({ id: 'PastMacroIndicator' })

const notice = z.string().describe('required by the terms of FRED: show it wherever the data appear')
const meta = recordMeta.extend({ notice })
const metaWithoutTimes = optionalRecordMeta.extend({ notice })

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/indicators/{series_id}': z.union([
    z.strictObject({ data: z.union([record, record.extend({ observations })]), meta }),
    z.strictObject({ data: pastRecord, meta: metaWithoutTimes }),
  ]),
  '/api/v1/macro/indicators': z.strictObject({
    data: z.array(record).max(100),
    meta: metaWithoutTimes.extend({ next_cursor: nextCursor }),
  }),
  '/api/v1/macro/monetary-policy': z.strictObject({
    data: z.strictObject({
      stance: z
        .enum(['Accommodative', 'Slightly Accommodative', 'Neutral', 'Slightly Restrictive', 'Restrictive'])
        .nullable()
        .describe('from DFF, M2SL_PC1 and CPIAUCSL_PC1'),
      reasons: z.record(z.string(), z.string()).describe('why a member is null, by its name'),
      indicators: z.array(record).max(100).describe('of the group MONETARY'),
    }),
    meta,
  }),
}
