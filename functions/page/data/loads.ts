import { api } from './api.ts'
import type { ApiDocument } from './document.ts'

/** Loads the API document. */
export async function loadDocument(signal: AbortSignal): Promise<ApiDocument> {
  return (await api.value.get('/openapi.json', { signal })).body as unknown as ApiDocument
}

/** Loads every dataset at a glance. */
export async function loadOverview(signal: AbortSignal) {
  return (await api.value.get('/datasets', { signal })).body
}

/** Time between two loads, in milliseconds: runs are minutes apart. */
export const OVERVIEW_PERIOD_MS = 10_000
