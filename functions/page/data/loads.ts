import { api } from './api.ts'
import { followClock, now } from './clock.ts'
import type { ApiDocument } from './document.ts'

/** Loads the API document. The client types it as any JSON object: the page reads the parts that it shows. */
export async function loadDocument(signal: AbortSignal): Promise<ApiDocument> {
  return (await api.value.get('/openapi.json', { signal })).body as unknown as ApiDocument
}

/** Loads every dataset at a glance, with the time at which it was loaded. */
export async function loadOverview(signal: AbortSignal) {
  const { body, headers } = await api.value.get('/datasets', { signal })
  followClock((headers as { readonly date?: string }).date)
  return { ...body, loadedAt: new Date(now.value).toISOString() }
}

/** Time between two loads, in milliseconds: runs are minutes apart. */
export const OVERVIEW_PERIOD_MS = 10_000
