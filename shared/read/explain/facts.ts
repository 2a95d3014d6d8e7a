import { clockOf } from '#shared/declare/schedule.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { allowance } from '#shared/engine/rate-limit/quota.ts'
import type { Fact } from './explanation.ts'
import type { Situation } from './situation.ts'
import { latestTick } from './ticks.ts'

/** The figures of the records that an operator checks next, each with the path that has more. */
export function factsOf(situation: Situation): readonly Fact[] {
  const { job, state, running, item } = situation
  const runs = `/v1/jobs/${job.id}/runs`
  const facts: readonly (Fact | undefined)[] = [
    time('fresh_until', item ? item.freshUntil : state.freshUntil, `/v1/jobs/${job.id}`),
    item && time('stale_until', item.staleUntil),
    item && time('as_of', item.asOf),
    item && time('checked_at', item.checkedAt, `/v1/runs/${item.runId}`),
    time('last_success_at', state.lastSuccessAt, `${runs}?outcome=succeeded`),
    lastRunFact(situation),
    state.consecutiveFailures > 0
      ? {
          name: 'consecutive_failures',
          value: String(state.consecutiveFailures),
          link: `${runs}?outcome=failed`,
        }
      : undefined,
    running &&
      time('running_until', running.until, running.id === undefined ? runs : `/v1/runs/${running.id}`),
    time('invalidated_at', item ? item.invalidatedAt : state.invalidatedAt, `/v1/audit?job=${job.id}`),
    time('missing_since', state.missingSince),
    time('latest_tick', clockOf(job.schedule) && latestTick(situation), runs),
    ...controlFacts(situation),
    ...upstreamFacts(situation),
  ]
  return facts.filter((fact) => fact !== undefined)
}

function time(name: string, at: number | undefined, link?: string): Fact | undefined {
  if (at === undefined) return undefined
  return { name, value: isoSeconds(at), ...(link === undefined ? {} : { link }) }
}

function lastRunFact({ state: { lastRun } }: Situation): Fact | undefined {
  if (!lastRun) return undefined
  const { id, status, reason, endedAt } = lastRun
  const outcome = reason === undefined ? status : `${status} (${reason})`
  return { name: 'last_run', value: `${outcome} at ${isoSeconds(endedAt)}`, link: `/v1/runs/${id}` }
}

function controlFacts({ job, control: { pause, skip, overrides }, now }: Situation): readonly Fact[] {
  const link = `/v1/audit?job=${job.id}`
  return [
    ...(pause && pause.until > now
      ? [{ name: 'pause', value: `until ${isoSeconds(pause.until)} by ${pause.by}: ${pause.reason}`, link }]
      : []),
    ...(skip && skip.tick > now
      ? [{ name: 'skip', value: `${isoSeconds(skip.tick)} by ${skip.by}: ${skip.reason}`, link }]
      : []),
    ...(overrides ? [{ name: 'overrides', value: Object.keys(overrides).sort().join(', '), link }] : []),
  ]
}

function upstreamFacts({ upstreams, now }: Situation): readonly Fact[] {
  return upstreams.flatMap(({ upstream, state }) => {
    const { coolDown, breaker } = state
    const left = allowance(state, upstream.limits, false, now)
    const parts = [
      ...(upstream.off === undefined ? [] : [`off: ${upstream.off}`]),
      ...(coolDown && coolDown.until > now
        ? [`cool-down until ${isoSeconds(coolDown.until)} (${coolDown.reason})`]
        : []),
      ...(breaker.openUntil === undefined ? [] : [`circuit open until ${isoSeconds(breaker.openUntil)}`]),
      ...(left ? [`${left.remaining} calls a ${left.span} left until ${isoSeconds(left.resetsAt)}`] : []),
    ]
    const value = parts.length === 0 ? 'may be called' : parts.join('; ')
    return [{ name: `upstream:${upstream.name}`, value, link: '/v1/upstreams' }]
  })
}
