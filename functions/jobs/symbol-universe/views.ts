import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'

/** The symbols that are analysed, the most traded first, with their place and their trade of 24 hours. */
const symbols: View = async (_request, look) => {
  const found = await look.set()
  if (!found) return notAvailable(look.job)
  const { head, entries } = found.set
  const { symbols: active, unknown } = head as { symbols: readonly string[]; unknown: readonly string[] }
  const data = {
    symbols: active.flatMap((symbol) => entries.get(symbol)?.data ?? []),
    unknown,
    valid_symbols: entries.size,
  }
  return { answer: 'value', from: found, body: envelopeOf(look.job.envelope).wrap(data, found.times) }
}

/** The documented answers, by the name of the route's shape. */
export const views = { symbols } satisfies Readonly<Record<string, View>>
