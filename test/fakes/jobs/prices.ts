import * as z from 'zod/mini'
import { functionPermissions, type Permission } from '#infra/definitions/permissions.ts'
import { defineJob, resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import { every } from '#shared/declare/schedule.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import { defineUpstream, resolveUpstream } from '#shared/declare/upstream.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { classify } from '#shared/upstreams/classify.ts'
import { amount } from '#shared/upstreams/fields.ts'
import type { ProviderFailure } from '#shared/upstreams/provider-failure.ts'
import { type World, type WorldOptions, world } from '#test/fakes/world/world.ts'

/** The body of an answer about a symbol that the provider does not have. */
export const UNKNOWN_SYMBOL = '{"code":"unknown-symbol"}'

function marker(body: unknown): ProviderFailure | undefined {
  return JSON.stringify(body) === UNKNOWN_SYMBOL
    ? { reason: 'not-found', message: 'the provider does not have the symbol', scope: 'item' }
    : undefined
}

/** A provider that exists only in tests: one price a symbol. */
export const pricesUpstream = defineUpstream({
  name: 'prices',
  title: 'Prices',
  settings: {},
  baseUrls: () => ['https://prices.example'],
  limits: () => ({ perMinute: 6_000, burst: 100, concurrency: 20 }),
  attemptTimeout: '5 seconds',
  maxBytes: 65_536,
  attribution: { text: 'Invented for tests', url: 'https://prices.example' },
  classify: (answer, now) => classify(answer, { expects: 'object', coolDownMs: 60_000, marker }, now),
})

type Spec = JobSpec<SettingsTable>

/** The synthetic set job: many symbols, each with a price; stored either way. */
export function pricesJob(stored: 'items' | 'snapshot', change: Partial<Spec> = {}) {
  return defineJob({
    id: `prices-${stored}`,
    title: 'Prices of symbols',
    priority: 'P1',
    settings: {},
    schedule: every('5 minutes', { offset: '1 minute' }),
    upstream: 'prices',
    freshness: { freshFor: '10 minutes', serveStaleFor: '6 hours', keepFor: '2 days' },
    run: { mode: 'plain', deadline: '2 minutes', attempts: 2, backoff: '1 second', concurrency: 8 },
    stored,
    envelope: 'plain',
    reads:
      stored === 'items'
        ? [
            {
              path: '/test/prices/{symbol}',
              about: 'The price of one symbol',
              key: '{symbol}',
              parameters: { symbol: { pattern: '[A-Z0-9]{2,20}', about: 'a symbol' } },
              access: 'public',
              effect: 'read',
              cold: 'wait',
            },
          ]
        : [
            {
              path: '/test/prices',
              about: 'All prices',
              key: 'all',
              access: 'public',
              effect: 'read',
              cold: 'refuse',
            },
          ],
    ...change,
  })
}

export interface Price {
  readonly symbol: string
  readonly price: string
  readonly at: number
}

const body = z.object({ symbol: z.string(), price: amount('number'), at: z.int() })

/** How the synthetic set is refreshed: one call a symbol. */
function pricesRefresh(symbols: readonly string[]): Refresh<Price> {
  return {
    renderVersion: 1,
    plan: ({ key }) =>
      symbols
        .filter((symbol) => key === undefined || symbol === key)
        .map((symbol) => ({ key: symbol, calls: [{ path: '/price', query: { symbol } }] })),
    parse: ([answer]) => body.parse(answer),
    accept: (value, { key }) =>
      value.symbol === key
        ? { accepted: true }
        : { accepted: false, message: `expected the price of ${key}, got that of ${value.symbol}` },
    item: (value) => ({ data: { ...value }, asOf: value.at, degraded: false }),
  }
}

/** `count` symbols: S000, S001, … */
export function symbolNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `S${String(index).padStart(3, '0')}`)
}

/** The body for a symbol: price and time as given. */
export function priceBody(url: URL, price: number, at: number): object {
  return { symbol: url.searchParams.get('symbol'), price, at }
}

export function pricesWorld(
  stored: 'items' | 'snapshot',
  symbols: readonly string[],
  start: number,
  more: Partial<Pick<WorldOptions<Price>, 'faults'>> & { readonly change?: Partial<Spec> } = {},
): World<Price> {
  const { change, ...options } = more
  return world({
    job: resolveJob(pricesJob(stored, change), {}),
    upstream: resolveUpstream(pricesUpstream, {}),
    refresh: pricesRefresh(symbols),
    start,
    ...options,
  })
}

/** The permissions of every function of a system with both synthetic jobs, by the function's name. */
export function pricesPermissions(): ReadonlyMap<string, readonly Permission[]> {
  const jobs = (['items', 'snapshot'] as const).map((stored) => resolveJob(pricesJob(stored), {}))
  const upstream = resolveUpstream(pricesUpstream, {})
  return functionPermissions({ jobs, upstreams: new Map([[upstream.name, upstream]]) })
}
