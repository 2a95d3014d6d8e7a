import type { Run } from '#shared/client/client.ts'
import { api } from '../data/api.ts'
import { useLive } from '../data/live.ts'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { Time } from '../parts/time.tsx'

const PERIOD_MS = 3_000

/** One run as it is recorded; it follows a run that is under way. */
export function RunView({ id }: { readonly id: string }) {
  const load = async (signal: AbortSignal) =>
    (await api.value.get('/v1/runs/{id}', { path: { id }, signal })).body
  const { live } = useLive(load, PERIOD_MS, [id, api.value])
  const { value, error } = live.value
  return (
    <>
      <Heading>Run {id}</Heading>
      <Failure error={error} />
      {value ? <Record run={value} /> : <p aria-busy={!error}>The run</p>}
    </>
  )
}

function Record({ run }: { readonly run: Run }) {
  const { job, cause, key, tick, input, outcome, reason, message, attempts, duplicates } = run
  return (
    <>
      <dl>
        <dt>Job</dt>
        <dd>
          <a href={`#/datasets/${encodeURIComponent(job)}`}>{job}</a>
        </dd>
        <dt>Cause</dt>
        <dd>
          {cause}
          {key === null ? '' : ` of ${key}`}
          {input === null ? null : (
            <>
              {' '}
              by <a href={`#/runs/${encodeURIComponent(input)}`}>{input}</a>
            </>
          )}
        </dd>
        <dt>Tick</dt>
        <dd>{tick === null ? 'none' : <Time at={tick} />}</dd>
        <dt>Outcome</dt>
        <dd>
          {outcome}
          {reason === null ? '' : ` (${reason})`}
          {run.is_lease_expired ? ', but its process is lost' : ''}
        </dd>
        <dt>Started</dt>
        <dd>
          <Time at={run.started_at} />
        </dd>
        <dt>Ended</dt>
        <dd>
          {run.ended_at === null ? 'not yet' : <Time at={run.ended_at} />}
          {run.duration_seconds === null ? '' : `, after ${run.duration_seconds} s`}
        </dd>
        <dt>Requests</dt>
        <dd>
          {attempts === null ? 'not known yet' : `${attempts}, with repetitions`}
          {duplicates > 0 ? `; the tick was delivered ${duplicates} more times` : ''}
        </dd>
      </dl>
      <Progress run={run} />
      {message === null ? null : <p class="words">{message}</p>}
      <Members run={run} />
    </>
  )
}

function Progress({ run: { progress, outcome } }: { readonly run: Run }) {
  if (!progress || outcome !== 'running') return null
  const { planned, done, failed } = progress
  return (
    <p>
      <progress value={done} max={planned} aria-label="Progress" /> {done} of {planned} requests have ended,{' '}
      {failed} of them failed
    </p>
  )
}

function Members({ run: { counts, lost } }: { readonly run: Run }) {
  return (
    <>
      {counts ? (
        <p>
          Keys: {counts.planned} planned, {counts.published} published, {counts.unchanged} unchanged,{' '}
          {counts.superseded} superseded, {counts.failed} failed.
        </p>
      ) : null}
      {lost && lost.count > 0 ? (
        <>
          <h2>Failed</h2>
          <p>
            {lost.count > lost.names.length
              ? `The first ${lost.names.length} of ${lost.count} keys and rows:`
              : `${lost.count} keys and rows:`}
          </p>
          <ul>
            {lost.names.map((name) => (
              <li key={name} class="words">
                {name}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  )
}
