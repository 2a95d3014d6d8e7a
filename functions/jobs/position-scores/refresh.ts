import { newYorkDate } from '#shared/analysis/portfolio/sessions.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { JsonValue } from '#shared/domain/json.ts'
import type { KeysContext, ParseContext, PlanContext, Refresh } from '#shared/engine/model/refresh.ts'
import { activeSymbols, portfolioOf } from '#shared/systems/portfolio/positions.ts'
import {
  type FundamentalData,
  type Input,
  type ScoredSymbol,
  type ScoreInputs,
  scoredSymbol,
  type TechnicalData,
} from '#shared/systems/portfolio/scored-symbol.ts'

/** The scores of a symbol, and the source time of the older input. */
interface Scores {
  readonly record: ScoredSymbol
  readonly asOf: number
}

export const refresh: Refresh<Scores, 'daily'> = {
  renderVersion: 1,
  historyKinds: ['daily'],

  keys: ({ key, ...context }) => (key === undefined ? symbolsOf(context) : [key]),

  // a symbol of which nothing is stored is left out; one that is no symbol of the portfolio is refused by `parse`
  plan: (context) => {
    const symbols = symbolsOf(context)
    return (context.key === undefined ? symbols : [context.key])
      .filter((symbol) => !symbols.includes(symbol) || timesOf(inputsOf(symbol, context)).length > 0)
      .map((key) => ({ key, calls: [] }))
  },

  parse: (_bodies, context) => {
    const { key } = context
    if (!symbolsOf(context).includes(key))
      throw new RefreshError('not-found', `${key} is no symbol of the portfolio`, { isExplicit: true })
    const inputs = inputsOf(key, context)
    return { record: scoredSymbol(key, inputs), asOf: Math.min(...timesOf(inputs)) }
  },

  accept: () => ({ accepted: true }),

  item: ({ record, asOf }, { key }) => {
    // an interface has no index signature, so the compiler does not see that it is JSON
    const data = { ...record } as unknown as JsonValue
    const at = Date.parse(record.date ?? newYorkDate(asOf))
    return {
      data,
      asOf,
      degraded: record.degraded_reasons.length > 0,
      history: [{ kind: 'daily', entity: key, at, data }],
    }
  },
}

function symbolsOf({ operatorData, job }: Pick<KeysContext, 'operatorData' | 'job'>): readonly string[] {
  return activeSymbols(portfolioOf(operatorData, job.settings['PORTFOLIO_SYMBOLS'] as readonly string[]))
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
