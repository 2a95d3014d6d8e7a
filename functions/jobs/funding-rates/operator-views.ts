import { isoSeconds } from '#shared/domain/time.ts'
import type { View } from '#shared/read/view.ts'
import type { FundingSettings } from './job.ts'

const config: View = async ({ now }, { job }) => {
  const settings = job.settings as FundingSettings
  return {
    kind: 'now',
    status: 200,
    body: {
      status: 'success',
      config: {
        exchanges: [...settings.EXCHANGES],
        quotes: [...settings.FUNDING_QUOTES],
        funding_rate_threshold: settings.FUNDING_RATE_THRESHOLD,
        funding_threshold_basis: settings.FUNDING_THRESHOLD_BASIS,
        min_volume: settings.MIN_VOLUME,
        max_pool_size: settings.MAX_POOL_SIZE,
        check_interval_seconds: settings.FUNDING_RATE_CHECK_INTERVAL / 1_000,
        cache_duration_seconds: settings.CACHE_DURATION / 1_000,
        task_deadline_seconds: settings.FUNDING_TASK_DEADLINE / 1_000,
      },
      timestamp: isoSeconds(now),
    },
  }
}

/** The responses to operators, by the view name of the route. */
export const operatorViews = { config } satisfies Readonly<Record<string, View>>
