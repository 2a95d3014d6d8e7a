import type { Dataset } from '#shared/client/client.ts'
import { api } from '../data/api.ts'
import { absoluteText } from '../parts/times.ts'
import { Action, textOf } from './action.tsx'

interface ActionsProps {
  readonly job: string
  readonly schedule: Dataset['schedule']
  readonly isPaused: boolean
  readonly onChanged: () => void
}

/** Seconds for which the API waits for the end of a run. */
const TRIGGER_WAIT_S = 20

/** What operators can change about a job; each change needs a reason and is in the audit. */
export function JobActions({ job, schedule, isPaused, onChanged }: ActionsProps) {
  const path = { id: job }
  const changed = (text: string) => {
    onChanged()
    return text
  }
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <Action
        title="Trigger a run"
        onSubmit={async (form) => {
          const key = textOf(form, 'key')
          const body = { reason: textOf(form, 'reason'), ...(key === '' ? {} : { key }) }
          const answer = await api.value.post('/v1/jobs/{id}/runs', {
            path,
            query: { wait: TRIGGER_WAIT_S },
            body,
          })
          const { run_id: id, run } = answer.body
          if (!run) return changed(`Run ${id} is under way.`)
          return changed(`Run ${id} ended as ${run.outcome}${run.message ? `: ${run.message}` : ''}.`)
        }}
      >
        <label>
          Key
          <input name="key" />
          <small>Empty for the whole plan</small>
        </label>
      </Action>
      {isPaused ? (
        <Action
          title="Resume"
          needsReason={false}
          onSubmit={async () => {
            await api.value.post('/v1/jobs/{id}/resume', { path })
            return changed('The job runs by its schedule again.')
          }}
        />
      ) : (
        <Action
          title="Pause"
          onSubmit={async (form) => {
            const body = { for: textOf(form, 'for'), reason: textOf(form, 'reason') }
            await api.value.post('/v1/jobs/{id}/pause', { path, body })
            return changed(`The job is paused for ${body.for}.`)
          }}
        >
          <label>
            For
            <input name="for" value="2 hours" required />
            <small>such as 30 minutes, 2 hours, 3 days</small>
          </label>
        </Action>
      )}
      {schedule ? <SkipAction job={job} schedule={schedule} onChanged={changed} /> : null}
      <Action
        title="Mark data as stale"
        needsReason={false}
        onSubmit={async (form) => {
          const key = textOf(form, 'key')
          const body = key === '' ? { all: true as const } : { key }
          const answer = await api.value.post('/v1/jobs/{id}/invalidate', { path, body })
          return changed(`${answer.body.invalidated} keys are marked as stale.`)
        }}
      >
        <label>
          Key
          <input name="key" />
          <small>Empty for all data of the job. They are served as stale until they are refreshed.</small>
        </label>
      </Action>
    </section>
  )
}

interface SkipProps {
  readonly job: string
  readonly schedule: NonNullable<Dataset['schedule']>
  readonly onChanged: (text: string) => string
}

function SkipAction({ job, schedule: { next_runs: ticks, zone }, onChanged }: SkipProps) {
  return (
    <Action
      title="Skip a tick"
      onSubmit={async (form) => {
        const body = { tick: textOf(form, 'tick'), reason: textOf(form, 'reason') }
        await api.value.post('/v1/jobs/{id}/skip', { path: { id: job }, body })
        return onChanged(`The tick of ${body.tick} is skipped.`)
      }}
    >
      <label>
        Tick
        <select name="tick">
          {ticks.slice(0, 20).map((at) => (
            <option key={at} value={at}>
              {absoluteText(Date.parse(at), zone)}
            </option>
          ))}
        </select>
      </label>
    </Action>
  )
}
