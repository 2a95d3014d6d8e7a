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
import {
  expectOnlyParameters,
  isoOrNull,
  parseOperationBody,
  reasonMember,
  upstreamOfPath,
} from './http/request.ts'
import { jsonResponse } from './http/response.ts'

const resetBody = z.strictObject({ reason: z.optional(reasonMember) })

/** Every upstream with its budget. */
export const listUpstreams: OperationHandler = async ({ system, request, ports }) => {
  expectOnlyParameters(request.query, [])
  const upstreams = await Promise.all(
    [...system.upstreams.values()].map(async (upstream) =>
      upstreamView(upstream, await ports.store.upstreams.get(upstream.name), request.at),
    ),
  )
  return jsonResponse(200, { upstreams })
}

/** Closes the circuit breaker of an upstream, ends its cool-down and forgets the failures that would start one. Its usage counts stay. */
export const resetUpstream: OperationHandler = async (call) => {
  const upstream = upstreamOfPath(call)
  const { request, ports } = call
  expectOnlyParameters(request.query, [])
  const { reason } = parseOperationBody(request, resetBody)
  const { name } = upstream
  const stored = await ports.store.upstreams.get(name)
  if (!isBlocked(stored)) return jsonResponse(200, upstreamView(upstream, stored, request.at))

  const change = {
    action: 'reset',
    target: { upstream: name },
    reason,
    before: blockView(stored, request.at),
    after: blockView(withoutBlock(stored), request.at),
    message: () => 'Cool-down ended and circuit breaker closed',
  }
  const changeId = ulid(ports.clock.now(), ports.random)
  const decide = (current: UpstreamState) => ({ state: withoutBlock(current) })
  const { state } = await withAudit(call, change, () => updateUpstream(name, changeId, ports, decide, stored))
  return jsonResponse(200, upstreamView(upstream, state, request.at))
}

function isBlocked({ coolDown, escalation, breaker }: UpstreamState): boolean {
  return (
    coolDown !== undefined ||
    escalation !== undefined ||
    breaker.failures > 0 ||
    breaker.openUntil !== undefined
  )
}

function withoutBlock({
  coolDown: _coolDown,
  escalation: _escalation,
  ...rest
}: UpstreamState): UpstreamState {
  return { ...rest, breaker: { failures: 0 } }
}

/** An upstream as the API returns it: limits, usage, and why it may not be called. */
function upstreamView(upstream: Upstream, state: UpstreamState, now: number) {
  const { perMinute, burst, concurrency, perDay, perMonth, scheduledShare, zone } = upstream.limits
  const fullMinute = activeUsageCoolDown(state, now)
  const connections = Object.values(activeConnections(state.connections, now))
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
    full_minute: fullMinute
      ? {
          until: isoOrNull(fullMinute.until),
          used: fullMinute.used,
          limit: upstream.usage?.limit ?? null,
        }
      : null,
    ...blockView(state, now),
    connections: {
      in_use: connections.reduce((sum, { max }) => sum + max, 0),
      waiting: connections.filter(({ max }) => max === 0).length,
    },
    secret: secretView(upstream, state),
    off: upstream.off ?? null,
  }
}

/** Why an upstream is blocked: its cool-down and its circuit breaker. */
function blockView({ coolDown, breaker }: UpstreamState, now: number) {
  const circuit = circuitState(breaker, 'operator', now)
  return {
    cool_down:
      coolDown && coolDown.until > now ? { until: isoOrNull(coolDown.until), reason: coolDown.reason } : null,
    breaker: {
      state: circuit.state,
      failures: breaker.failures,
      until: circuit.state === 'open' ? isoOrNull(circuit.until) : null,
    },
  }
}

function secretView({ secret }: Upstream, { coolDown }: UpstreamState) {
  if (!secret) return null
  const isRefused = coolDown?.secretVersion !== undefined
  return {
    parameter: secret.parameter,
    refused: isRefused ? { version: coolDown.secretVersion, until: isoOrNull(coolDown.until) } : null,
  }
}

/**
 * Calls of the current day or month of an upstream, with a linear forecast for its end; `null` if it has no such limit,
 * because calls are not counted then. An elapsed time of less than one hour counts as one hour.
 */
function quotaUsage(span: 'day' | 'month', { limits }: Upstream, state: UpstreamState, now: number) {
  const { perDay, perMonth, ...otherLimits } = limits
  const limit = span === 'day' ? perDay : perMonth
  if (limit === undefined) return null
  const spanLimits = { ...otherLimits, ...(span === 'day' ? { perDay: limit } : { perMonth: limit }) }
  const left = allowance(state, spanLimits, true, now)
  if (!left) return null
  // An exhausted allowance does not contain the number of calls beyond the limit.
  const used = left.remaining > 0 ? Math.floor(limit) - left.remaining : (state[span]?.calls ?? limit)
  const elapsedMs = Math.max(HOUR_MS, now - spanStart(span, left.resetsAt))
  const forecast = Math.round(used + (used / elapsedMs) * Math.max(0, left.resetsAt - now))
  return { used, limit, resets_at: isoOrNull(left.resetsAt), forecast, is_exceeding: forecast > limit }
}

/** The start of the day or month that ends at `end`, except for the hour of a clock change. */
function spanStart(span: 'day' | 'month', end: number): number {
  if (span === 'day') return end - DAY_MS
  const last = new Date(end - DAY_MS / 2)
  const days = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 0)).getUTCDate()
  return end - days * DAY_MS
}
