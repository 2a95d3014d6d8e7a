import { api } from './api.ts'

/** Loads every dataset at a glance. */
export async function loadOverview(signal: AbortSignal) {
  return (await api.value.get('/datasets', { signal })).body
}

/** Time between two loads, in milliseconds: runs are minutes apart. */
export const OVERVIEW_PERIOD_MS = 10_000
