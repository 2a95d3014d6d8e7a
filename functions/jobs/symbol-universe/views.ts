import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'

/** The analysed symbols, the most traded first, with their ranks and their volumes of 24 hours. */
const symbols: View = async (_request, context) => {
  const stored = await context.set()
  if (!stored) return notAvailable(context.job)
  const { head, entries } = stored.set
  const { symbols: active, unknown } = head as { symbols: readonly string[]; unknown: readonly string[] }
  const labels = stored.labelsOf(active)
  const data = {
    symbols: active.flatMap((symbol) => entries.get(symbol)?.data ?? []),
    unknown,
    valid_symbols: entries.size,
  }
  const body = envelopeOf(context.job.envelope).wrap(data, labels.times)
  return { kind: 'value', from: labels, body }
}

/** The documented responses, by the view name of the route. */
export const views = { symbols } satisfies Readonly<Record<string, View>>
