import type { ZodOpenApiSchemaObject } from 'zod-openapi'
import { MACRO_INPUTS } from '#shared/systems/macro/macro-inputs.ts'
import { POSITIONS } from '#shared/systems/portfolio/positions.ts'
import type { OperationDoc } from './operation-docs.ts'

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
