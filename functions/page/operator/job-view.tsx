import type { Dataset } from '#shared/client/client.ts'
import { api } from '../data/api.ts'
import { useLive } from '../data/live.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Failure } from '../parts/failure.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { JobActions } from './job-actions.tsx'
import { Rejected } from './rejected.tsx'

const PERIOD_MS = 10_000
const RUNS = 20

interface JobProps {
  readonly job: string
  readonly schedule: Dataset['schedule']
  /** The lines of the public explanation, which stand above. */
  readonly shown: readonly string[]
}

/** What operators see and do about a job: the whole explanation, its runs, rejected bodies, and changes. */
export function JobView({ job, schedule, shown }: JobProps) {
  const path = { id: job }
  const load = async (signal: AbortSignal) => {
    const [detail, explanation, runs, rejected] = await Promise.all([
      api.value.get('/v1/jobs/{id}', { path, signal }),
      api.value.get('/v1/jobs/{id}/explain', { path, signal }),
      api.value.get('/v1/jobs/{id}/runs', { path, query: { limit: RUNS }, signal }),
      api.value.get('/v1/jobs/{id}/rejected', { path, signal }),
    ])
    return {
      job: detail.body,
      explanation: explanation.body,
      runs: runs.body.runs,
      rejected: rejected.body.rejected,
    }
  }
  const { live, reload } = useLive(load, PERIOD_MS, [job, api.value])
  const { value, error } = live.value
  return (
    <>
      <Failure error={error} />
      {value ? (
        <>
          <Facts explanation={value.explanation} shown={shown} />
          <JobActions job={value.job} schedule={schedule} onChanged={reload} />
          <Runs runs={value.runs} />
          <Rejected job={job} rejected={value.rejected} />
        </>
      ) : null}
    </>
  )
}

type Explanation = Awaited<ReturnType<typeof loadExplanation>>
const loadExplanation = async (id: string) =>
  (await api.value.get('/v1/jobs/{id}/explain', { path: { id } })).body

interface FactsProps extends Pick<JobProps, 'shown'> {
  readonly explanation: Explanation
}

function Facts({ explanation: { cause, next, facts }, shown }: FactsProps) {
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">For operators</h2>
      {[cause.text, next.text]
        .filter((text) => !shown.includes(text))
        .map((text) => (
          <p key={text} class="lines">
            <Sentence text={`${text}.`} />
          </p>
        ))}
      <dl>
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="words">
              <Sentence text={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

type Run = Awaited<ReturnType<typeof loadRuns>>[number]
const loadRuns = async (id: string) => (await api.value.get('/v1/jobs/{id}/runs', { path: { id } })).body.runs

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <section class="scroll" tabIndex={0} aria-label="The last runs">
        <table>
          <ColumnHeads names={['Started', 'Cause', 'Outcome', 'Seconds', 'Message']} />
          <tbody>
            {runs.map((run) => (
              <tr key={run.run_id}>
                <th scope="row">
                  <a href={`#/runs/${encodeURIComponent(run.run_id)}`}>
                    <Time at={run.started_at} />
                  </a>
                </th>
                <td>{run.key === null ? run.cause : `${run.cause} of ${run.key}`}</td>
                <td>
                  {run.outcome}
                  {run.reason === null ? '' : ` (${run.reason})`}
                </td>
                <td>{run.duration_seconds}</td>
                <td class="words">{run.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}
