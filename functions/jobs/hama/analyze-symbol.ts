import { labelsOf, type ServableItem, type View, type ViewResult } from '#shared/read/view.ts'
import { failure } from './answers.ts'
import { isAsStored, labelledBody } from './record.ts'
import { isInvalid, parseSymbol } from './symbols.ts'
import { isListed, loadUniverse } from './universe.ts'

/** The analysis of one symbol, as it is stored; of one that is not stored yet, after a wait. */
export const analyzeSymbol: View = async ({ body }, look) => {
  const said = (body ?? {}) as { symbol?: unknown; preset?: unknown }
  const symbol = parseSymbol(said.symbol)
  if (isInvalid(symbol)) return failure(400, symbol.wrong)
  const { HAMA_PRESET: preset } = look.job.settings
  if (said.preset !== undefined && said.preset !== preset)
    return failure(400, `preset must be ${preset}, as configured`)
  const item = await look.item(symbol)
  if (item) return symbolResponse(item)
  if (!isListed(symbol, await loadUniverse(look))) return failure(404, 'unknown symbol')
  const filled = await look.fill(symbol)
  switch (filled.status) {
    case 'filled':
      return symbolResponse(filled.item)
    case 'limited':
      return failure(429, 'too many symbols are asked for at once', Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, filled.reason ?? 'analysis not available', 60)
    default:
      return filled satisfies never
  }
}

function symbolResponse(item: ServableItem): ViewResult {
  if (isAsStored(item)) return { answer: 'stored', item }
  return { answer: 'value', body: labelledBody(item), from: labelsOf(item) }
}
