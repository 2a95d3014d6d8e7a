import type { ServableItem, Shape, Shaped } from '#functions/serving/shape.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'

const KEY = 'spot'
const USUAL_LIMIT = 20
const RETRY_AFTER_S = 60

/** The stored answer, as far as it is cut. */
type Stored = {
  readonly data: { readonly gainers: readonly JsonValue[] }
}

/** What is stored is read once, however many readers want how much of it. */
const read = new WeakMap<object, Stored>()

/** As many of the stored pairs as are asked for; with none stored, after a wait. */
const answer: Shape = async ({ query }, look) => {
  const limit = Number(query['limit'] ?? USUAL_LIMIT)
  const item = await look.item(KEY)
  if (item) return cut(item, limit)
  const filled = await look.fill(KEY)
  switch (filled.status) {
    case 'filled':
      return cut(filled.item, limit)
    case 'limited':
      return failure(429, Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, RETRY_AFTER_S)
    default:
      return filled satisfies never
  }
}

function cut(from: ServableItem, limit: number): Shaped {
  const stored = read.get(from.of) ?? (JSON.parse(from.of.text()) as Stored)
  read.set(from.of, stored)
  const { data } = stored
  const body = { ...stored, data: { ...data, gainers: data.gainers.slice(0, limit) } }
  return { answer: 'value', body, from }
}

function failure(status: 429 | 503, retryAfterS: number): Shaped {
  const message = status === 429 ? 'too much is asked for at once' : 'top gainers not available'
  return { answer: 'failure', status, message, headers: { 'retry-after': String(retryAfterS) } }
}

/** The documented answers, by the name of the route's shape. */
export const topGainers = { topGainers: answer } satisfies Readonly<Record<string, Shape>>
