import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { isInvalidated } from '#shared/domain/freshness.ts'
import { isSuccess } from '#shared/domain/outcome.ts'
import { NO_END } from '#shared/domain/records/control.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { CauseCode, Line } from './explanation.ts'
import { timeText } from './explanation.ts'
import { keyExcluded, keyFailed, keyNotAtSource, keyNotRefreshed, keysFailed } from './key-causes.ts'
import { type CauseCheck, isPurged, lastPlanRun, type Situation } from './situation.ts'
import { dueTick, latestTick } from './ticks.ts'
import { blocked } from './upstream-causes.ts'

type Cause = Line<CauseCode>

/** The first cause that the records show. Data that no run was due to renew have the last one, so that there is always one. */
export function causeOf(situation: Situation): Cause {
  for (const check of CHECKS) {
    const cause = check(situation)
    if (cause) return cause
  }
  return betweenTicks(situation)
}

const fresh: CauseCheck = ({ data, item, state, now }) => {
  if (data !== 'fresh') return undefined
  const until = item?.freshUntil ?? state.freshUntil ?? now
  const checkedAt = item?.checkedAt ?? state.lastSuccessAt
  const since = checkedAt === undefined ? '' : `, last confirmed at ${timeText(checkedAt)}`
  return { code: 'fresh', text: `The data are fresh until ${timeText(until)}${since}` }
}

const off: CauseCheck = ({ job }) => {
  if (job.off === undefined) return undefined
  const names = job.computedFrom['off'] ?? []
  const by = names.length === 0 ? 'by its configuration' : `by its settings (${names.join(', ')})`
  return { code: 'off', text: `The job is off, ${by}`, details: job.off }
}

const paused: CauseCheck = ({ control: { pause }, isPaused }) => {
  if (!pause || !isPaused) return undefined
  const until = pause.until >= NO_END ? 'until an operator resumes it' : `until ${timeText(pause.until)}`
  return { code: 'paused', text: `The job is paused ${until}`, details: `by ${pause.by}: ${pause.reason}` }
}

/** A run that is under way after failures is one more attempt, and not the cause. */
const running: CauseCheck = ({ running: run, state }) => {
  if (!run || state.consecutiveFailures > 0) return undefined
  const since = run.since === undefined ? '' : ` since ${timeText(run.since)}`
  return { code: 'running', text: `A run is under way${since}, until ${timeText(run.until)} at the latest` }
}

/** An input that nothing can be computed from. A job with a provider may fail by its provider's fault all the same. */
const inputMissing: CauseCheck = ({ job, inputs, state, runs }) => {
  const missing = inputs.find((input) => input.state === 'gone' || input.state === 'never')
  const last = lastPlanRun({ runs })
  const isCause = job.upstream === undefined || last === undefined || last.reason === 'nothing-to-do'
  if (!missing || !isCause || (job.upstream !== undefined && state.consecutiveFailures > 0)) return undefined
  return inputCause('input-missing', `The input ${missing.job} has no data that can be used`, missing.cause)
}

/** Derived data are no fresher than what they are computed from. */
const inputOld: CauseCheck = ({ job, inputs }) => {
  const old = job.upstream === undefined ? inputs.find(({ state }) => state !== 'fresh') : undefined
  return old && inputCause('input-old', `The input ${old.job} is ${old.state}`, old.cause)
}

function inputCause(code: 'input-missing' | 'input-old', what: string, { text, details }: Cause): Cause {
  return {
    code,
    text: `${what}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
    ...(details === undefined ? {} : { details }),
  }
}

const failing: CauseCheck = ({ state, runs }) => {
  const { consecutiveFailures: count, lastRun, lastSuccessAt } = state
  if (count === 0) return undefined
  const since =
    lastSuccessAt === undefined
      ? 'it has never succeeded'
      : `the last success was at ${timeText(lastSuccessAt)}`
  const record = runs.find(({ id }) => id === lastRun?.id)
  const how =
    lastRun?.status === 'abandoned'
      ? 'the last one ended without an outcome'
      : `the last one for the reason ${lastRun?.reason ?? lastRun?.status ?? 'failed'}`
  const times = count === 1 ? 'The last run has failed' : `The last ${count} runs have failed`
  return {
    code: 'failing',
    text:
      count === 1
        ? `${times} (${lastRun?.reason ?? lastRun?.status ?? 'failed'}); ${since}`
        : `${times}, ${how}; ${since}`,
    ...(record?.message === undefined ? {} : { details: record.message }),
  }
}

const SKIPS: Readonly<Partial<Record<NonNullable<RunRecord['reason']>, string>>> = {
  paused: 'the job was paused then',
  'skipped-by-operator': 'an operator or an override of the interval skipped it',
  'upstream-cooling': 'its provider could not be called then',
  'upstream-busy': 'the connections to its provider were in use',
  overlap: 'another run was under way',
  'nothing-to-do': 'there was nothing to do',
  'not-configured': 'its provider was off then',
}

const skipped: CauseCheck = ({ runs }) => {
  const last = lastPlanRun({ runs })
  const why = last?.status === 'skipped' && last.reason !== undefined ? SKIPS[last.reason] : undefined
  if (!last || why === undefined) return undefined
  return {
    code: 'skipped',
    text: `${nameOf(last)} was skipped: ${why}`,
    ...(last.message === undefined ? {} : { details: last.message }),
  }
}

const missed: CauseCheck = ({ runs }) => {
  const last = lastPlanRun({ runs })
  if (last?.status !== 'missed') return undefined
  return { code: 'missed', text: `${nameOf(last)} was missed: it was not delivered before the next one` }
}

function nameOf({ tick, startedAt }: RunRecord): string {
  return tick === undefined ? `The run of ${timeText(startedAt)}` : `The tick of ${timeText(tick)}`
}

const purged: CauseCheck = ({ key, item, state, now }) => {
  const isGone = key === undefined || item === undefined
  if (!isGone || !isPurged(state)) return undefined
  return {
    code: 'purged',
    text: `An operator has deleted stored data, at ${timeText(state.missingSince ?? now)}`,
  }
}

const invalidated: CauseCheck = ({ key, item, state }) => {
  if (key !== undefined && !item) return undefined
  const at = item ? (isInvalidated(item) ? item.invalidatedAt : undefined) : state.invalidatedAt
  if (at === undefined) return undefined
  return { code: 'invalidated', text: `An operator has marked the data as stale, at ${timeText(at)}` }
}

const olderAnswer: CauseCheck = ({ key, item, runs }) => {
  if (key !== undefined && !item) return undefined
  const last = lastPlanRun({ runs })
  if (last?.status !== 'unchanged' || last.message === undefined) return undefined
  const text = `The last run, at ${timeText(last.startedAt)}, got an answer that is older than what is stored`
  return { code: 'older-answer', text, details: last.message }
}

/** The source's own time is too old, or what the last run got was not fresh any more when it ended. */
const sourceLate: CauseCheck = ({ job, key, item, state, now }) => {
  if (key !== undefined && !item) return undefined
  const { maxAsOfAgeMs, freshForMs } = job.freshness
  const { lastSuccessAt, lastRun } = state
  const checkedAt = item ? item.checkedAt : lastSuccessAt
  const isConfirmed = checkedAt !== undefined && now < checkedAt + freshForMs
  const isLate = item
    ? item.asOf + (maxAsOfAgeMs ?? Number.NaN) <= now
    : isSuccess(lastRun?.status ?? 'missed')
  if (maxAsOfAgeMs !== undefined && isConfirmed && isLate) {
    const time = item ? `, ${timeText(item.asOf)},` : ''
    const text = `The source itself is late: its own time${time} is older than ${durationText(maxAsOfAgeMs)}`
    return { code: 'source-late', text }
  }
  const freshUntil = item ? item.freshUntil : state.freshUntil
  const isOld = lastSuccessAt !== undefined && freshUntil !== undefined && freshUntil <= lastSuccessAt
  if (!isOld || (item && lastRun?.id !== item.runId)) return undefined
  return {
    code: 'source-late',
    text: `The last run succeeded at ${timeText(lastSuccessAt)} with answers that were old already: the data were fresh until ${timeText(freshUntil)}`,
  }
}

const neverRan: CauseCheck = ({ state, runs }) =>
  state.lastSuccessAt === undefined && state.lastRun === undefined && lastPlanRun({ runs }) === undefined
    ? { code: 'never-ran', text: 'The job has never run' }
    : undefined

const onDemand: CauseCheck = ({ job }) =>
  clockOf(job.schedule)
    ? undefined
    : { code: 'on-demand', text: 'The job runs on demand, and no request has started a run since' }

const tickDue: CauseCheck = (situation) => {
  const tick = dueTick(situation)
  return tick === undefined
    ? undefined
    : { code: 'tick-due', text: `The tick of ${timeText(tick)} is due and has not started a run yet` }
}

function betweenTicks(situation: Situation): Cause {
  const { state, item } = situation
  const until = item?.freshUntil ?? state.freshUntil
  const tick = latestTick(situation)
  const since = until === undefined ? '' : `, which were fresh until ${timeText(until)}`
  const last = tick === undefined ? '' : `; the latest one was at ${timeText(tick)}`
  return { code: 'between-ticks', text: `No tick has renewed the data${since}${last}` }
}

const CHECKS: readonly CauseCheck[] = [
  fresh,
  keyNotAtSource,
  off,
  paused,
  blocked,
  running,
  keyExcluded,
  inputMissing,
  failing,
  keyFailed,
  skipped,
  missed,
  inputOld,
  purged,
  invalidated,
  keysFailed,
  olderAnswer,
  sourceLate,
  keyNotRefreshed,
  neverRan,
  onDemand,
  tickDue,
]
