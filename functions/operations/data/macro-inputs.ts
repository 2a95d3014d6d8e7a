import * as z from 'zod/mini'
import { DAY_MS } from '#shared/domain/duration.ts'
import {
  MACRO_INPUTS_VALID_MS,
  type MacroInputs,
  NO_MACRO_INPUTS,
} from '#shared/systems/macro/macro-inputs.ts'
import { bodyMember, parseOperationBody } from '../http/request.ts'
import type { OperatorDataFormat } from './operator-data-format.ts'

const figure = (name: string, max: number) =>
  z.optional(
    bodyMember<number | null>(
      (value) => value === null || (typeof value === 'number' && value >= 0 && value <= max),
      `${name}: a number from 0 to ${max}, or null`,
    ),
  )

const macroInputsBody = z.strictObject({
  nasdaq_pe: figure('the price-earnings ratio', 1_000),
  top_ten_share: figure('the share in percent', 100),
  ipo_heat: z.optional(
    bodyMember<MacroInputs['ipo_heat']>(
      (value) => value === null || ['low', 'normal', 'hot'].includes(value as string),
      'low, normal, hot or null',
    ),
  ),
  put_call_ratio: figure('the ratio', 100),
})

/** The inputs of the macro risk: `{"nasdaq_pe":31.5,"top_ten_share":36,"ipo_heat":"normal","put_call_ratio":0.9}`. */
export const macroInputsFormat: OperatorDataFormat = {
  requestsRun: true,

  parse: ({ request }) => {
    const { nasdaq_pe, top_ten_share, ipo_heat, put_call_ratio } = parseOperationBody(
      request,
      macroInputsBody,
    )
    return {
      nasdaq_pe: nasdaq_pe ?? null,
      top_ten_share: top_ten_share ?? null,
      ipo_heat: ipo_heat ?? null,
      put_call_ratio: put_call_ratio ?? null,
    }
  },

  show: (data) => ({
    inputs: data ?? NO_MACRO_INPUTS,
    source: data === undefined ? 'none' : 'operator',
    valid_for_days: MACRO_INPUTS_VALID_MS / DAY_MS,
  }),

  summarize: (data) => ({ source: data === undefined ? 'none' : 'operator' }),
}
