import { ulid } from 'ulid'
import * as z from 'zod/mini'
import type { UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { changeUpstream } from '#shared/engine/budget/change.ts'
import { answer } from './answer.ts'
import { bodyOf } from './body.ts'
import { namedUpstream } from './named.ts'
import type { Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { upstreamView } from './upstream-view.ts'

const nothing = z.strictObject({})

/** Every provider, and how its budget stands. */
export const listUpstreams: Operate = async ({ system, request, ports }) => {
  expectOnly(request.query, [])
  const upstreams = await Promise.all(
    [...system.upstreams.values()].map(async (upstream) =>
      upstreamView(upstream, await ports.store.upstreams.get(upstream.name), request.at),
    ),
  )
  return answer(200, { upstreams })
}

/** Lets a provider be called again: closes its breaker and ends its cool-down. What was used of its limits stays. */
export const resetUpstream: Operate = async (call) => {
  const upstream = namedUpstream(call)
  const { request, ports } = call
  expectOnly(request.query, [])
  bodyOf(request, nothing)
  const { name } = upstream
  const stored = await ports.store.upstreams.get(name)
  if (!isHeldBack(stored)) return answer(200, upstreamView(upstream, stored, request.at))

  const { coolDown, breaker } = stored
  const before = { ...(coolDown ? { coolDown } : {}), breaker }
  const change = { action: 'reset', subject: `upstream:${name}`, before, after: { breaker: { failures: 0 } } }
  const { state } = await recorded(call, change, () =>
    changeUpstream(
      name,
      ulid(ports.clock.now(), ports.random),
      ports,
      (held) => ({ state: released(held) }),
      stored,
    ),
  )
  return answer(200, upstreamView(upstream, state, request.at))
}

function isHeldBack({ coolDown, breaker }: UpstreamState): boolean {
  return coolDown !== undefined || breaker.failures > 0 || breaker.openUntil !== undefined
}

function released({ coolDown: _ended, ...held }: UpstreamState): UpstreamState {
  return { ...held, breaker: { failures: 0 } }
}
