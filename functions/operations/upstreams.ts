import { ulid } from 'ulid'
import * as z from 'zod/mini'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { updateUpstream } from '#shared/engine/rate-limit/upstream-update.ts'
import { jsonResponse } from './answer.ts'
import { parseBody } from './body.ts'
import { upstreamOfPath } from './named.ts'
import type { OperationHandler } from './operation.ts'
import { expectOnlyParameters } from './query.ts'
import { withAudit } from './recorded.ts'
import { upstreamView } from './upstream-view.ts'

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
