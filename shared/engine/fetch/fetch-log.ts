import { defined } from '#shared/domain/defined.ts'
import { isoText } from '#shared/domain/time.ts'
import type { FailedAttempt, UpstreamRequest } from '../model/refresh.ts'
import type { RunState, Work } from '../model/run-state.ts'

/** Logs the documented start of a run of the whole plan, if its job has one. */
export function logStart<V>({ request, record }: RunState, { job, refresh, ports }: Work<V>): void {
  const { cause, key } = request
  const message = key === undefined ? refresh.logMessages?.start?.({ cause }) : undefined
  if (message === undefined) return
  const tick = record.tick === undefined ? undefined : isoText(record.tick)
  ports.log.info(message, { job: job.id, run_id: record.id, cause, ...defined({ tick }) })
}

/** A function that logs each retry of a request; `undefined` for a job that documents no such line. */
export function retryLog<V>(
  { key }: Pick<UpstreamRequest, 'key'>,
  { record }: Pick<RunState, 'record'>,
  { job, refresh, ports }: Work<V>,
): ((failure: FailedAttempt) => void) | undefined {
  const { retry } = refresh.logMessages ?? {}
  return (
    retry &&
    ((failure) => {
      const { attempt, attempts, reason, waitMs } = failure
      const figures = { attempt, attempts, reason, wait_ms: Math.round(waitMs) }
      ports.log.warn(retry(failure), { job: job.id, run_id: record.id, key, ...figures })
    })
  )
}
