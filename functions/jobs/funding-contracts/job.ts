import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { seconds } from '#shared/declare/settings.ts'
import { HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { fundingSettings, VENUE_UPSTREAMS } from '#shared/systems/funding/venues.ts'

const SPREAD_MS = MINUTE_MS
const DEADLINE_MS = MINUTE_MS

/** Away from the full hour, when providers have the most load. */
const OFFSET_MS = 40 * MINUTE_MS

/** The contracts of each venue and their settlement intervals. */
export const job = defineJob({
  id: 'funding-contracts',
  title: 'Contracts of the funding venues',
  priority: 'P1',
  settings: {
    ...fundingSettings,
    CONTRACT_REFRESH_INTERVAL: seconds(10_800, {
      min: 300,
      max: 86_400,
      about: 'interval between refreshes of the contracts',
    }),
  },
  schedule: ({ CONTRACT_REFRESH_INTERVAL: interval }) =>
    every(interval, interval > OFFSET_MS ? { offset: OFFSET_MS } : {}),
  upstream: {
    among: Object.values(VENUE_UPSTREAMS),
    select: (s) => s.EXCHANGES.map((venue) => VENUE_UPSTREAMS[venue]),
  },
  freshness: ({ CONTRACT_REFRESH_INTERVAL: interval }) => ({
    freshFor: Math.max(3.25 * HOUR_MS, interval + SPREAD_MS + DEADLINE_MS),
    serveStaleFor: '24 hours',
    keepFor: '7 days',
  }),
  run: { mode: 'plain', deadline: '60 seconds', attempts: 3, concurrency: 3 },
  stored: 'snapshot',
  envelope: 'status',
  reads: [],
  aliases: [
    {
      method: 'POST',
      path: '/funding_monitor/refresh-candidates',
      about: 'Refreshes the contracts of the venues now',
      operation: 'trigger',
    },
  ],
  triggerNames: ['refresh_funding_contracts'],
})
