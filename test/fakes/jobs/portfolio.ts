import { resolveJob } from '#shared/declare/job.ts'
import { count, list } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { portfolioOf } from '#shared/systems/portfolio/positions.ts'
import { SYMBOL_SETTINGS } from '#shared/systems/portfolio/provider-symbols.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { operator } from '#test/fakes/world/clients.ts'
import { world } from '#test/fakes/world/world.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
export const POSITIONS_PATH = '/api/v1/admin/positions'

/** A job that reads the positions, and has their documented paths. */
export const portfolioJob = tinyJob({
  id: 'bars',
  settings: {
    ...SYMBOL_SETTINGS,
    PORTFOLIO_SYMBOLS: list(['MSFT'], {
      of: (word): word is string => word.length > 0,
      rule: 'symbols',
      about: 'symbols to watch',
    }),
    PORTFOLIO_MAX_SYMBOLS: count(3, { unit: 'symbols', min: 1, max: 1_000, about: 'largest number' }),
  },
  operatorData: ['positions'],
  aliases: [
    { method: 'GET', path: POSITIONS_PATH, about: 'The positions', operation: 'show-operator-data' },
    { method: 'PUT', path: POSITIONS_PATH, about: 'Replaces them', operation: 'replace-operator-data' },
    { method: 'DELETE', path: POSITIONS_PATH, about: 'Erases them', operation: 'erase-operator-data' },
  ],
})

/** A world around that job; `planned` gets the symbols that each run plans from. */
export function portfolioWorld() {
  const planned: string[][] = []
  const refresh: Refresh<null> = {
    renderVersion: 1,
    plan: ({ operatorData, job }) => {
      const configured = job.settings['PORTFOLIO_SYMBOLS'] as readonly string[]
      planned.push(portfolioOf(operatorData, configured).positions.map(({ symbol }) => symbol))
      return []
    },
    parse: () => null,
    accept: () => ({ accepted: true }),
    item: () => ({ data: null, asOf: NOW, degraded: false }),
  }
  const job = resolveJob(portfolioJob, {})
  const base = world({ job, refresh, upstream: resolveUpstream(coingecko, {}), start: NOW })
  return { ...base, planned, ...operator(base) }
}
