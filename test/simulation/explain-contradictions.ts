import { occurrences } from '#shared/declare/occurrences.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { CauseCode, Explanation } from '#shared/read/explain/explanation.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import { scheduleOf } from '#test/support/jobs/test-jobs.ts'

const MINUTE = 60_000

/** How the state of an explanation contradicts the stored times; `undefined` when it does not. */
export async function stateContradiction(
  { key, state }: Explanation,
  { clock, store, work: { job } }: World<Price>,
): Promise<string | undefined> {
  const now = clock.now()
  if (key !== undefined) {
    const item = await store.items.get(job.id, key)
    const expected = item && !item.isAbsent ? [freshness(item, now)] : ['gone', 'never']
    return expected.includes(state)
      ? undefined
      : `expected ${key} to be ${expected.join(' or ')}, got ${state}`
  }
  const { freshUntil = 0, lastSuccessAt } = await store.states.get(job.id)
  if ((state === 'fresh') !== now < freshUntil) return `fresh until ${freshUntil}, got ${state}`
  return (state === 'never') === (lastSuccessAt === undefined) || state === 'fresh'
    ? undefined
    : `last success at ${lastSuccessAt}, got ${state}`
}

/** How the first line contradicts the records; `undefined` when it does not. */
export async function causeContradiction(
  explanation: Explanation,
  world: World<Price>,
): Promise<string | undefined> {
  const { cause, key } = explanation
  const holds = await factOf(cause.code, explanation, world)
  return holds ? undefined : `${key ?? 'all data'}: ${cause.code} "${cause.text}" is not in the records`
}

async function factOf(
  code: CauseCode,
  { key, state: dataState, cause }: Explanation,
  { clock, store, work: { job, upstream } }: World<Price>,
): Promise<boolean> {
  const now = clock.now()
  const [state, control, provider] = [
    await store.states.get(job.id),
    await store.controls.get(job.id),
    await store.upstreams.get(upstream.name),
  ]
  const runs = [...store.memory.runs.values()].filter((run) => run.job === job.id)
  const item = key === undefined ? undefined : await store.items.get(job.id, key)
  const whole = newest(
    runs.filter((run) => run.key === undefined && run.status !== 'running' && run.reason !== 'superseded'),
  )
  const done = newest(runs.filter((run) => run.key === undefined && isDone(run)))
  const names = (at: number | undefined) =>
    at !== undefined && cause.text.includes(`${new Date(at).toISOString().slice(0, 19)}Z`)
  const ticks = occurrences(scheduleOf(job), { after: now - 6 * MINUTE, until: now })
  switch (code) {
    case 'fresh':
      return dataState === 'fresh'
    case 'paused':
      return (control.pause?.until ?? 0) > now && names(control.pause?.until)
    case 'cool-down':
      return (provider.coolDown?.until ?? 0) > now && names(provider.coolDown?.until)
    case 'circuit-open':
      return (
        provider.breaker.openUntil !== undefined &&
        cause.text.includes(`${provider.breaker.failures} runs failed`)
      )
    case 'running':
      return (
        (state.lease?.until ?? 0) > now ||
        runs.some((run) => run.status === 'running' && run.leaseUntil > now && (run.key ?? key) === key)
      )
    case 'failing': {
      const { consecutiveFailures: count, lastSuccessAt } = state
      const counts =
        count === 1 ? cause.text.startsWith('The last run has') : cause.text.includes(`last ${count} runs`)
      return count > 0 && counts && (lastSuccessAt === undefined || names(lastSuccessAt))
    }
    case 'key-failed':
    case 'key-postponed':
      return runs.some(
        (run) =>
          names(run.startedAt) &&
          (run.key === key ? run.status === 'failed' : run.lost?.names.includes(key ?? '') === true) &&
          (item === undefined || item.checkedAt < run.startedAt),
      )
    case 'skipped':
      return whole?.status === 'skipped' && names(whole.tick ?? whole.startedAt)
    case 'missed':
      return whole?.status === 'missed' && names(whole.tick)
    case 'invalidated':
      return item ? (item.invalidatedAt ?? 0) > item.checkedAt : state.invalidatedAt !== undefined
    case 'keys-failed':
      return done?.status === 'partial' && names(done.startedAt)
    case 'older-answer':
      return whole?.status === 'unchanged' && whole.message !== undefined
    case 'not-at-source':
      return item?.isAbsent === true
    case 'key-not-refreshed':
      return (
        done !== undefined &&
        names(done.startedAt) &&
        (item === undefined || item.checkedAt < done.startedAt) &&
        (!isPlanned(key) || (cause.text.includes('no newer answer') && !done.lost?.names.includes(key ?? '')))
      )
    case 'never-ran':
      return state.lastRun === undefined && state.lastSuccessAt === undefined
    case 'tick-due':
      return ticks.some((tick) => names(tick) && !runs.some((run) => run.tick === tick))
    case 'between-ticks':
      return ticks.some((tick) => names(tick)) && whole !== undefined
    default:
      return false
  }
}

/** The provider has three symbols; the fourth one is in no plan. */
function isPlanned(key: string | undefined): boolean {
  return key !== 'S003'
}

function newest(runs: readonly RunRecord[]): RunRecord | undefined {
  return [...runs].sort((a, b) => (b.tick ?? b.startedAt) - (a.tick ?? a.startedAt))[0]
}

function isDone({ status }: RunRecord): boolean {
  return ['succeeded', 'partial', 'unchanged', 'failed'].includes(status)
}
