import { ulid } from 'ulid'
import * as z from 'zod/mini'
import type { Upstream } from '#shared/declare/upstream.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { circuitState } from '#shared/engine/rate-limit/circuit-breaker.ts'
import { activeUsageCoolDown } from '#shared/engine/rate-limit/cool-down.ts'
import { allowance } from '#shared/engine/rate-limit/quota.ts'
import { activeConnections } from '#shared/engine/rate-limit/reservation.ts'
import { updateUpstream } from '#shared/engine/rate-limit/upstream-update.ts'
import { withAudit } from './audit.ts'
import type { OperationHandler } from './http/operation.ts'
import { expectOnlyParameters, isoOrNull, parseBody, upstreamOfPath } from './http/request.ts'
import { jsonResponse } from './http/response.ts'

const resetBody = z.strictObject({})

/** Every provider, and how its budget stands. */
export const listUpstreams: OperationHandler = async ({ system, request, ports }) => {
  expectOnlyParameters(request.query, [])
  const upstreams = await Promise.all(
    [...system.upstreams.values()].map(async (upstream) =>
      upstreamView(upstream, await ports.store.upstreams.get(upstream.name), request.at),
    ),
  )
  return jsonResponse(200, { upstreams })
}

/** Lets a provider be called again: closes its breaker and ends its cool-down. What was used of its limits stays. */
export const resetUpstream: OperationHandler = async (call) => {
  const upstream = upstreamOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, [])
  parseBody(request, resetBody)
  const { name } = upstream
  const stored = await ports.store.upstreams.get(name)
  if (!isBlocked(stored)) return jsonResponse(200, upstreamView(upstream, stored, request.at))

  const { coolDown, breaker } = stored
  const before = { ...(coolDown ? { coolDown } : {}), breaker }
  const change = { action: 'reset', subject: `upstream:${name}`, before, after: { breaker: { failures: 0 } } }
  const { state } = await withAudit(call, change, () =>
    updateUpstream(
      name,
      ulid(ports.clock.now(), ports.random),
      ports,
      (held) => ({ state: withoutBlock(held) }),
      stored,
    ),
  )
  return jsonResponse(200, upstreamView(upstream, state, request.at))
}

function isBlocked({ coolDown, breaker }: UpstreamState): boolean {
  return coolDown !== undefined || breaker.failures > 0 || breaker.openUntil !== undefined
}

function withoutBlock({ coolDown: _ended, ...held }: UpstreamState): UpstreamState {
  return { ...held, breaker: { failures: 0 } }
}

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

/**
 * Calls of a provider's running day or month, and how many it will be at its end if they go on like this; `null` where
 * the provider limits none, because none are counted then. The first hour counts as a whole one.
 */
export function quotaUsage(span: 'day' | 'month', { limits }: Upstream, state: UpstreamState, now: number) {
  const { perDay: _day, perMonth: _month, ...others } = limits
  const limit = span === 'day' ? limits.perDay : limits.perMonth
  if (limit === undefined) return null
  const only = { ...others, ...(span === 'day' ? { perDay: limit } : { perMonth: limit }) }
  const left = allowance(state, only, true, now)
  if (!left) return null
  // an allowance that is used up does not tell by how much
  const used = left.remaining > 0 ? Math.floor(limit) - left.remaining : (state[span]?.calls ?? limit)
  const elapsed = Math.max(HOUR_MS, now - spanStart(span, left.resetsAt))
  const forecast = Math.round(used + (used / elapsed) * Math.max(0, left.resetsAt - now))
  return { used, limit, resets_at: isoOrNull(left.resetsAt), forecast, is_exceeding: forecast > limit }
}

/** Of the span that ends then, give or take the hour by which a zone changes its clocks. */
function spanStart(span: 'day' | 'month', end: number): number {
  if (span === 'day') return end - DAY_MS
  const last = new Date(end - DAY_MS / 2)
  const days = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 0)).getUTCDate()
  return end - days * DAY_MS
}
