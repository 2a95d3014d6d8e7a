import type { JsonValue } from '#shared/domain/json.ts'

/** An outage of a provider, as `explain` shows it. */
export const explanationExample: JsonValue = {
  job: 'global-market',
  key: null,
  state: 'stale',
  cause: {
    code: 'cool-down',
    text: 'CoinGecko is in a cool-down since 2026-11-20T12:03:01Z until 2026-11-20T13:03:01Z, because of an answer (rate-limited): expected status 200, got 429',
  },
  next: {
    code: 'tick',
    at: '2026-11-20T13:03:00.000Z',
    text: 'CoinGecko may be called again at 2026-11-20T13:03:01Z; the next tick that can run is at 2026-11-20T13:03:00Z',
  },
  facts: [
    { name: 'fresh_until', value: '2026-11-20T12:08:00Z', link: '/v1/jobs/global-market' },
    {
      name: 'last_run',
      value: 'failed (rate-limited) at 2026-11-20T12:03:01Z',
      link: '/v1/runs/global-market-20261120T120300Z',
    },
  ],
  inputs: [],
}
