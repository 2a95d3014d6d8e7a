import type { Upstream } from '#shared/declare/upstream.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { circuitState } from '#shared/engine/rate-limit/circuit-breaker.ts'
import { activeUsageCoolDown } from '#shared/engine/rate-limit/cool-down.ts'
import { activeConnections } from '#shared/engine/rate-limit/reservation.ts'
import { quotaUsage } from './calls-of.ts'
import { isoOrNull } from './instant.ts'

/** A provider as operators see it: what it allows, what was used of that, and why it may not be called. */
export function upstreamView(upstream: Upstream, state: UpstreamState, now: number) {
  const { perMinute, burst, concurrency, perDay, perMonth, scheduledShare, zone } = upstream.limits
  const { coolDown, breaker } = state
  const stance = circuitState(breaker, 'operator', now)
  const full = activeUsageCoolDown(state, now)
  const held = Object.values(activeConnections(state.connections, now))
  const isRefused = coolDown?.secretVersion !== undefined
  return {
    name: upstream.name,
    title: upstream.title,
    base_urls: upstream.baseUrls.map(({ origin, pathname }) => `${origin}${pathname}`),
    limits: {
      per_minute: perMinute,
      burst,
      concurrency,
      per_day: perDay ?? null,
      per_month: perMonth ?? null,
      scheduled_share: scheduledShare,
      zone,
    },
    calls: { day: quotaUsage('day', upstream, state, now), month: quotaUsage('month', upstream, state, now) },
    cool_down:
      coolDown && coolDown.until > now ? { until: isoOrNull(coolDown.until), reason: coolDown.reason } : null,
    full_minute: full
      ? { until: isoOrNull(full.until), used: full.used, limit: upstream.usage?.limit ?? null }
      : null,
    breaker: {
      state: stance.state,
      failures: breaker.failures,
      until: stance.state === 'open' ? isoOrNull(stance.until) : null,
    },
    connections: {
      in_use: held.reduce((sum, { max }) => sum + max, 0),
      waiting: held.filter(({ max }) => max === 0).length,
    },
    secret: upstream.secret
      ? {
          parameter: upstream.secret.parameter,
          refused: isRefused ? { version: coolDown.secretVersion, until: isoOrNull(coolDown.until) } : null,
        }
      : null,
  }
}
