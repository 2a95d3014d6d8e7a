import type { ServableItem, Shape, Shaped } from '#functions/serving/shape.ts'
import { failure } from './answers.ts'
import { bodyOf, isAsStored } from './record.ts'
import { isProblem, symbolFrom } from './symbols.ts'
import { isKnown, universeOf } from './universe.ts'

/** The analysis of one symbol, as it is stored; of one that is not stored yet, after a wait. */
export const analyzeSymbol: Shape = async ({ body }, look) => {
  const said = (body ?? {}) as { symbol?: unknown; preset?: unknown }
  const symbol = symbolFrom(said.symbol)
  if (isProblem(symbol)) return failure(400, symbol.wrong)
  const { HAMA_PRESET: preset } = look.job.settings
  if (said.preset !== undefined && said.preset !== preset)
    return failure(400, `preset must be ${preset}, as configured`)
  const item = await look.item(symbol)
  if (item) return answerOf(item)
  if (!isKnown(symbol, await universeOf(look))) return failure(404, 'unknown symbol')
  const filled = await look.fill(symbol)
  switch (filled.status) {
    case 'filled':
      return answerOf(filled.item)
    case 'limited':
      return failure(429, 'too many symbols are asked for at once', Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, filled.why ?? 'analysis not available', 60)
    default:
      return filled satisfies never
  }
}

function answerOf(item: ServableItem): Shaped {
  if (isAsStored(item)) return { answer: 'stored', item }
  return { answer: 'value', body: bodyOf(item), from: item }
}
