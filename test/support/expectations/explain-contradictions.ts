import { previousOccurrence } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { CauseCode, Explanation } from '#shared/read/explain/explanation.ts'
import type { World } from '#test/fakes/world/world.ts'

/** What the checks use of a world, whatever its values are. */
type AnyWorld = Pick<World<unknown>, 'clock' | 'store'> & {
  readonly work: Pick<World<unknown>['work'], 'job' | 'upstream' | 'otherUpstreams'>
}

/** How the state of an explanation contradicts the stored times; `undefined` when it does not. */
export async function stateContradiction(
  { key, state }: Explanation,
  { clock, store, work: { job } }: AnyWorld,
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

/**
 * How the first line contradicts the records; `undefined` when it does not.
 *
 * @param isPlanned - whether a run of the whole plan requests a key
 */
export async function causeContradiction(
  explanation: Explanation,
  world: AnyWorld,
  isPlanned: (key: string) => boolean = () => true,
): Promise<string | undefined> {
  const { cause, key } = explanation
  const holds = await factOf(cause.code, explanation, world, isPlanned)
  return holds ? undefined : `${key ?? 'all data'}: ${cause.code} "${cause.text}" is not in the records`
}

async function factOf(
  code: CauseCode,
  { key, state: dataState, cause, inputs }: Explanation,
  { clock, store, work: { job, upstream, otherUpstreams = [] } }: AnyWorld,
  isPlanned: (key: string) => boolean,
): Promise<boolean> {
  const now = clock.now()
  const [state, control] = [await store.states.get(job.id), await store.controls.get(job.id)]
  const providers = await Promise.all(
    [upstream, ...otherUpstreams].map(({ name }) => store.upstreams.get(name)),
  )
  const runs = [...store.memory.runs.values()].filter((run) => run.job === job.id)
  const item = key === undefined ? undefined : await store.items.get(job.id, key)
  const whole = newest(
    runs.filter((run) => run.key === undefined && run.status !== 'running' && run.reason !== 'superseded'),
  )
  const done = newest(runs.filter((run) => run.key === undefined && isDone(run)))
  const names = (at: number | undefined) =>
    at !== undefined && cause.text.includes(`${new Date(at).toISOString().slice(0, 19)}Z`)
  const clockOfJob = clockOf(job.schedule)
  const latest = clockOfJob && previousOccurrence(clockOfJob, now)
  // what concerns a stored value is no cause for a key without one
  if (key !== undefined && !item && ['invalidated', 'older-answer', 'source-late'].includes(code))
    return false
  switch (code) {
    case 'fresh':
      return dataState === 'fresh'
    case 'paused':
      return (control.pause?.until ?? 0) > now && names(control.pause?.until)
    case 'cool-down':
      return providers.some(({ coolDown }) => (coolDown?.until ?? 0) > now && names(coolDown?.until))
    case 'circuit-open':
      return providers.some(
        ({ breaker }) =>
          breaker.openUntil !== undefined && cause.text.includes(`${breaker.failures} runs failed`),
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
        (!isPlanned(key ?? '') ||
          (cause.text.includes('no newer answer') && !done.lost?.names.includes(key ?? '')))
      )
    case 'never-ran':
      return state.lastRun === undefined && state.lastSuccessAt === undefined
    case 'tick-due':
      return names(latest) && !runs.some((run) => run.tick === latest)
    case 'between-ticks':
      return names(latest) && whole !== undefined
    case 'off':
      return job.off !== undefined
    case 'upstream-off':
      return upstream.off !== undefined
    case 'full-minute':
      return providers.some(({ usageCoolDown }) => names(usageCoolDown?.until))
    case 'quota-exhausted':
      return providers.some(({ day, month }) => day !== undefined || month !== undefined)
    case 'key-excluded':
      return control.overrides?.items?.includes(key ?? '') === false
    case 'purged':
      return state.freshUntil === undefined && names(state.missingSince)
    case 'source-late':
      return item
        ? item.freshUntil <= now && (names(item.asOf) || names(item.freshUntil))
        : (state.freshUntil ?? now) <= now
    case 'on-demand':
      return latest === undefined && clockOfJob === undefined
    case 'input-missing':
    case 'input-old':
      return inputs.some(
        ({ job: input, state: ofInput }) => cause.text.includes(input) && ofInput !== 'fresh',
      )
    default:
      return assertNever(code)
  }
}

function newest(runs: readonly RunRecord[]): RunRecord | undefined {
  return [...runs].sort((a, b) => (b.tick ?? b.startedAt) - (a.tick ?? a.startedAt))[0]
}

function isDone({ status }: RunRecord): boolean {
  return ['succeeded', 'partial', 'unchanged', 'failed'].includes(status)
}
