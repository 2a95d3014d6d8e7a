import type { JsonValue } from '#shared/domain/json.ts'
import { labelsOf, type ServableItem, type View, type ViewResult } from '#shared/read/view.ts'

const KEY = 'spot'
const DEFAULT_LIMIT = 20
const RETRY_AFTER_S = 60

/** The stored answer, as far as it is cut. */
type StoredBody = {
  readonly data: { readonly gainers: readonly JsonValue[] }
}

/** What is stored is read once, however many readers want how much of it. */
const parsedBodies = new WeakMap<object, StoredBody>()

/** As many of the stored pairs as are asked for; with none stored, after a wait. */
const topGainersView: View = async ({ query }, look) => {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT)
  const item = await look.item(KEY)
  if (item) return firstGainers(item, limit)
  const filled = await look.fill(KEY)
  switch (filled.status) {
    case 'filled':
      return firstGainers(filled.item, limit)
    case 'limited':
      return failure(429, Math.ceil(filled.retryAfterMs / 1_000))
    case 'empty':
      return failure(503, RETRY_AFTER_S)
    default:
      return filled satisfies never
  }
}

function firstGainers(from: ServableItem, limit: number): ViewResult {
  const stored =
    parsedBodies.get(from.representation) ?? (JSON.parse(from.representation.text()) as StoredBody)
  parsedBodies.set(from.representation, stored)
  const { data } = stored
  const body = { ...stored, data: { ...data, gainers: data.gainers.slice(0, limit) } }
  return { answer: 'value', body, from: labelsOf(from) }
}

function failure(status: 429 | 503, retryAfterS: number): ViewResult {
  const message = status === 429 ? 'too much is asked for at once' : 'top gainers not available'
  return { answer: 'failure', status, message, headers: { 'retry-after': String(retryAfterS) } }
}

/** The documented answers, by the name of the route's shape. */
export const views = { topGainers: topGainersView } satisfies Readonly<Record<string, View>>
