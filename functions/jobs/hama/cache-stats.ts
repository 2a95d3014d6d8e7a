import { freshness } from '#shared/domain/freshness.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { notAvailable, type View } from '#shared/read/view.ts'
import { uncachedResponse } from './answers.ts'
import { freshMs } from './scheduler-status.ts'
import { loadUniverse } from './universe.ts'

/** What is stored of the symbols that are analysed, and how old it is. */
export const cacheStats: View = async ({ now }, look) => {
  const universe = await loadUniverse(look)
  if (!universe) return notAvailable(look.job)
  const { control: told } = await look.state()
  const active = told?.itemKeys ?? universe.active
  const stored = await look.items(active)
  const items = [...stored.values()].map(({ representation }) => representation)
  const fetched = items.map(({ fetchedAt }) => fetchedAt)
  const copies = [...stored.values()].filter(({ isFallback }) => isFallback).length
  return uncachedResponse(
    {
      cache_type: copies > 0 ? 'memory' : 'dynamodb',
      cached_symbols: stored.size,
      cache_duration_minutes: freshMs(look.job, told) / 60_000,
      symbols: active.filter((symbol) => stored.has(symbol)),
      memory_cache_fallback: copies,
      stale_symbols: items.filter((item) => freshness(item, now) === 'stale').length,
      oldest_cache: fetched.length === 0 ? null : isoSeconds(Math.min(...fetched)),
      newest_cache: fetched.length === 0 ? null : isoSeconds(Math.max(...fetched)),
    },
    now,
    copies > 0,
  )
}
