import * as z from 'zod'
import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import { MACRO_INPUTS } from '#shared/systems/macro/macro-inputs.ts'
import { POSITIONS } from '#shared/systems/portfolio/positions.ts'
import { requestedRun } from './control-schemas.ts'
import type { OperationDoc } from './operation-docs.ts'
import { nullableText, nullableTime } from './values.ts'

const decimalOrNull: ZodOpenApiSchemaObject = {
  type: ['string', 'null'],
  pattern: String.raw`^\d{1,18}(\.\d{1,10})?$`,
}
const positions: ZodOpenApiSchemaObject = {
  type: 'array',
  items: {
    type: 'object',
    required: ['symbol'],
    additionalProperties: false,
    properties: {
      symbol: { type: 'string', pattern: '^[A-Z0-9.-]{1,15}$' },
      quantity: { ...decimalOrNull, description: 'null: the symbol is only watched' },
      avg_cost: { ...decimalOrNull, description: 'price paid per unit, in the currency' },
      currency: {
        type: ['string', 'null'],
        pattern: '^[A-Z]{2}[A-Za-z]$',
        description: 'ISO 4217, or a minor unit such as GBp',
      },
    },
  },
}

const figure = (maximum: number, description: string): ZodOpenApiSchemaObject => ({
  type: ['number', 'null'],
  minimum: 0,
  maximum,
  description,
})

/** Members of the bodies with which operators replace their data, by the name of the data; `!` marks required ones. */
export const operatorDataBodies: Readonly<Record<string, NonNullable<OperationDoc['body']>>> = {
  [POSITIONS]: { 'positions!': positions },
  [MACRO_INPUTS]: {
    nasdaq_pe: figure(1_000, 'trailing price-earnings ratio of the Nasdaq-100'),
    top_ten_share: figure(100, 'share of the ten largest companies, in percent'),
    ipo_heat: { enum: ['low', 'normal', 'hot', null] },
    put_call_ratio: figure(100, 'of the options market'),
  },
}

const changed = {
  changed_at: nullableTime.describe('null: they are those of the configuration'),
}

/** Bodies of the responses that show data of operators, by the name of the data. */
export const operatorDataResponses: Readonly<Record<string, z.ZodType>> = {
  [POSITIONS]: z.strictObject({
    positions: z.array(
      z.strictObject({
        symbol: z.string(),
        quantity: nullableText,
        avg_cost: nullableText,
        currency: nullableText,
      }),
    ),
    source: z.enum(['operator', 'PORTFOLIO_SYMBOLS']),
    budgets: z.array(
      z.strictObject({
        upstream: z.string(),
        calls_needed_per_day: z.int(),
        calls_allowed_per_day: z.number(),
        days_for_all_symbols: z.int(),
      }),
    ),
    ...changed,
  }),
  [MACRO_INPUTS]: z.strictObject({
    inputs: z.strictObject({
      nasdaq_pe: z.number().nullable(),
      top_ten_share: z.number().nullable(),
      ipo_heat: z.enum(['low', 'normal', 'hot']).nullable(),
      put_call_ratio: z.number().nullable(),
    }),
    source: z.enum(['operator', 'none']),
    valid_for_days: z.number(),
    ...changed,
    run_id: requestedRun.optional(),
  }),
}
