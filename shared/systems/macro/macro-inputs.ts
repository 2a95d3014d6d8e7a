import type { BubbleInputs, SentimentInputs } from '#shared/analysis/macro/dimensions.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { OperatorData } from '#shared/domain/records/operator-record.ts'

/** Name of the record under which operators store inputs that no provider has. */
export const MACRO_INPUTS = 'macro-inputs'

/** Figures that an operator enters; `null` for one that is not known. */
export type MacroInputs = {
  /** Trailing price-earnings ratio of the Nasdaq-100. */
  readonly nasdaq_pe: BubbleInputs['nasdaqPe']
  /** Share of the ten largest companies, in percent. */
  readonly top_ten_share: BubbleInputs['topTenShare']
  readonly ipo_heat: BubbleInputs['ipoHeat']
  readonly put_call_ratio: SentimentInputs['putCallRatio']
}

/** Inputs without any figure. */
export const NO_MACRO_INPUTS: MacroInputs = {
  nasdaq_pe: null,
  top_ten_share: null,
  ipo_heat: null,
  put_call_ratio: null,
}

/** Figures of operators are used for this time. */
export const MACRO_INPUTS_VALID_MS = 45 * DAY_MS

/** The stored inputs, until they expire; then, and before the first change, none. */
export function validMacroInputs(
  operatorData: ReadonlyMap<string, OperatorData>,
  now: number,
): { readonly inputs: MacroInputs; readonly changedAt: number | undefined } {
  const stored = operatorData.get(MACRO_INPUTS)
  if (!stored || now >= stored.changedAt + MACRO_INPUTS_VALID_MS)
    return { inputs: NO_MACRO_INPUTS, changedAt: undefined }
  // the operations function has validated what is stored
  return { inputs: stored.data as unknown as MacroInputs, changedAt: stored.changedAt }
}
