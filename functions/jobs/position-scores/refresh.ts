import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { asJson } from '#shared/domain/json.ts'
import type { ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import {
  type FundamentalData,
  type Input,
  type ScoredSymbol,
  type ScoreInputs,
  scoredSymbol,
  type TechnicalData,
} from '#shared/systems/portfolio/scored-symbol.ts'
import {
  expectRequested,
  NO_ACTIVE_POSITIONS,
  plannedSymbols,
  requestedSymbols,
} from '#shared/systems/portfolio/symbols.ts'

/** The scores of a symbol, and the source time of the older input. */
interface Scores {
  readonly record: ScoredSymbol
  readonly asOf: number
}

export const refresh: Refresh<Scores, 'daily'> = {
  renderVersion: 1,
  historyKinds: ['daily'],

  keys: plannedSymbols,

  // a symbol of which nothing is stored is left out; one that is no symbol of the portfolio is refused by `parse`
  plan: (context) => {
    const requested = requestedSymbols(context)
    const symbols = plannedSymbols(context)
    if (symbols.length === 0) return { nothingToDo: NO_ACTIVE_POSITIONS }
    return symbols
      .filter((symbol) => !requested.includes(symbol) || timesOf(inputsOf(symbol, context)).length > 0)
      .map((key) => ({ key, calls: [] }))
  },

  parse: (_bodies, context) => {
    const { key } = context
    expectRequested(key, context)
    const inputs = inputsOf(key, context)
    return { record: scoredSymbol(key, inputs), asOf: Math.min(...timesOf(inputs)) }
  },

  accept: () => ({ accepted: true }),

  item: ({ record, asOf }, { key }) => {
    const data = asJson({ ...record })
    const at = Date.parse(record.date ?? newYorkDate(asOf))
    return {
      data,
      asOf,
      degraded: record.degraded_reasons.length > 0,
      history: [{ kind: 'daily', entity: key, at, data }],
    }
  },
}

/** What is stored of a symbol. The jobs of the inputs have validated it. */
function inputsOf(
  symbol: string,
  { inputItems }: Pick<PlanContext | ParseContext, 'inputItems'>,
): ScoreInputs {
  const input = (job: string) => inputItems.get(job)?.get(symbol)
  return {
    technical: input('technical') as Input<TechnicalData> | undefined,
    fundamental: input('fundamental') as Input<FundamentalData> | undefined,
  }
}

function timesOf({ technical, fundamental }: ScoreInputs): readonly number[] {
  return [technical, fundamental].flatMap((input) => (input === undefined ? [] : [input.asOf]))
}
