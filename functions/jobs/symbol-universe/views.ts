import type { JsonValue } from '#shared/domain/json.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import { type ComposedValue, notAvailable, type View } from '#shared/read/view.ts'
import type { Pair } from './pairs.ts'
import type { UniverseHead } from './refresh.ts'

/** The analysed symbols, the most traded first, with their ranks and their volumes of 24 hours. */
const symbols: View = async (_request, context) => {
  const stored = await context.set()
  if (!stored) return notAvailable(context.job)
  const compose = (): ComposedValue => {
    const { head, entries } = stored.set
    const { symbols: analysed, unknown } = head as UniverseHead
    const times = stored.timesOf(analysed)
    const data = {
      symbols: analysed.flatMap((symbol, index) => rankedPair(entries.get(symbol)?.data, index + 1)),
      unknown,
      valid_symbols: entries.size,
    }
    return { body: envelopeOf(context.job.envelope).wrap(data, times), times }
  }
  return { kind: 'value', from: stored, compose }
}

function rankedPair(data: JsonValue | undefined, rank: number): readonly JsonValue[] {
  if (data === undefined) return []
  const { symbol, base_asset, quote_asset, status, quote_volume } = data as Pair
  return [{ symbol, base_asset, quote_asset, status, quote_volume, rank }]
}

/** The documented responses, by the view name of the route. */
export const views = { symbols } satisfies Readonly<Record<string, View>>
