import * as z from 'zod'
import { optionalMeta, responseMeta } from '#functions/runtime/envelope-schemas.ts'
import { day, reasons, text } from '#functions/runtime/field-schemas.ts'
import { nextCursor } from '#functions/runtime/record-schemas.ts'

const change = (period: string) =>
  z
    .number()
    .describe(`change of the value over ${period}, in change_unit; null without a reference in its period`)
    .nullable()
const reference = (period: string) => day(`the observation ${period} earlier`).nullable()
const value = z.number().describe('the newest observation, in the unit of the member unit')
const storedSince = day('the day in New York from which on we had the value')

const identity = {
  series_id: text('the series of FRED, with _PC1 for its change from a year before'),
  fred_series_id: text('the series of FRED'),
  group: z.enum(['MONETARY', 'ECONOMIC', 'SENTIMENT']).describe('what the series is about'),
  name: text('name of the series'),
  unit: text('unit of the value, such as percent or billions of dollars'),
  change_unit: z.enum(['percent', 'pp']).describe('percent of the reference, or percentage points'),
}

const figures = {
  value,
  date: day('first day of the period of the observation'),
  change_1m: change('a month'),
  reference_date_1m: reference('a month'),
  change_3m: change('three months'),
  reference_date_3m: reference('three months'),
  change_1y: change('a year'),
  reference_date_1y: reference('a year'),
  seen_on: storedSince,
}

const degraded_reasons = z
  .array(z.enum(['stale_observation']))
  .describe('stale_observation: the newest observation is too old for its frequency')

const record = z.strictObject({ ...identity, ...figures, degraded_reasons }).meta({ id: 'MacroIndicator' })

const observation = z.strictObject({
  date: day('first day of its period'),
  value: z.number().describe('the observation, in the unit of the member unit'),
  seen_on: storedSince,
})
const observations = z.array(observation).max(400).describe('newest first')

const pastRecord = z
  .strictObject({
    ...identity,
    ...figures,
    value: value
      .nullable()
      .describe('in the unit of the member unit; null before the first value that we had'),
    date: figures.date.nullable(),
    seen_on: storedSince.nullable(),
    degraded_reasons,
    as_of: day('the day that was requested'),
    observations: observations.optional(),
  })
  .meta({ id: 'PastMacroIndicator' })

const notice = text('required by the terms of FRED: show it wherever the data appear')
const meta = responseMeta.extend({ notice }).describe('times of the data, and the notice of FRED')
const metaWithoutTimes = optionalMeta.extend({ notice }).describe('times of the data, and the notice of FRED')

const policy = z.strictObject({
  stance: z
    .enum(['Accommodative', 'Slightly Accommodative', 'Neutral', 'Slightly Restrictive', 'Restrictive'])
    .nullable()
    .describe('from DFF, M2SL_PC1 and CPIAUCSL_PC1'),
  reasons,
  indicators: z.array(record).max(100).describe('of the group MONETARY'),
})

/** Response bodies of the job's routes, by path. */
export const schemas = {
  '/api/v1/macro/indicators/{series_id}': z.union([
    z.strictObject({
      data: z.union([record, record.extend({ observations })]).describe('the indicator'),
      meta,
    }),
    z.strictObject({
      data: pastRecord.describe('the indicator as it was stored by the end of a day'),
      meta: metaWithoutTimes,
    }),
  ]),
  '/api/v1/macro/indicators': z.strictObject({
    data: z.array(record).max(100).describe('the indicators of one page'),
    meta: metaWithoutTimes
      .extend({ next_cursor: nextCursor })
      .describe('times of the page, and the next one'),
  }),
  '/api/v1/macro/monetary-policy': z.strictObject({
    data: policy.describe('the stance of monetary policy, and what it follows from'),
    meta,
  }),
}
