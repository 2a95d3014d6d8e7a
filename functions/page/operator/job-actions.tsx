import { useSignal } from '@preact/signals'
import type { Dataset, Job } from '#shared/client/client.ts'
import { api } from '../data/api.ts'
import { now } from '../data/clock.ts'
import { runTimes } from '../data/run-times.ts'
import { absoluteText } from '../data/times.ts'
import { Action, textOf } from './action.tsx'

interface ActionsProps {
  readonly job: Job
  readonly schedule: Dataset['schedule']
  readonly onChanged: () => void
}

/** Ticks that can be skipped are among the next ones; the list is short. */
const TICKS = 20

/** Seconds for which the API waits for the end of a run. */
const TRIGGER_WAIT_S = 20

/** What operators can change about a job; each change needs a reason and is in the audit. */
export function JobActions({ job, schedule, onChanged }: ActionsProps) {
  const result = useSignal('')
  const changed = (text: string) => {
    result.value = text
    onChanged()
  }
  const props = { id: job.id, changed }
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <p role="status">{result.value}</p>
      <Trigger {...props} />
      {job.control.pause ? <Resume {...props} /> : <Pause {...props} />}
      {schedule ? <Skip {...props} schedule={schedule} /> : null}
      <Override {...props} job={job} />
      <Invalidate {...props} />
    </section>
  )
}

interface ChangeProps {
  readonly id: string
  /** Shows what has changed, and loads the job again. */
  readonly changed: (text: string) => void
}

function Trigger({ id, changed }: ChangeProps) {
  return (
    <Action
      title="Trigger a run"
      onSubmit={async (form) => {
        const answer = await api.value.post('/v1/jobs/{id}/runs', {
          path: { id },
          query: { wait: TRIGGER_WAIT_S },
          body: { reason: textOf(form, 'reason'), ...keyOf(form) },
        })
        const { run_id: runId, run } = answer.body
        if (!run) return changed(`Run ${runId} is under way.`)
        changed(`Run ${runId} ended as ${run.outcome}${run.message ? `: ${run.message}` : ''}.`)
      }}
    >
      <KeyField>Empty for the whole plan</KeyField>
    </Action>
  )
}

function Pause({ id, changed }: ChangeProps) {
  return (
    <Action
      title="Pause"
      onSubmit={async (form) => {
        const body = { for: textOf(form, 'for'), reason: textOf(form, 'reason') }
        await api.value.post('/v1/jobs/{id}/pause', { path: { id }, body })
        changed(`The job is paused for ${body.for}.`)
      }}
    >
      <label>
        For
        <input name="for" value="2 hours" required />
        <small>such as 30 minutes, 2 hours, 3 days</small>
      </label>
    </Action>
  )
}

function Resume({ id, changed }: ChangeProps) {
  return (
    <Action
      title="Resume"
      onSubmit={async (form) => {
        const body = { reason: textOf(form, 'reason') }
        await api.value.post('/v1/jobs/{id}/resume', { path: { id }, body })
        changed('The job runs by its schedule again.')
      }}
    />
  )
}

interface SkipProps extends ChangeProps {
  readonly schedule: NonNullable<Dataset['schedule']>
}

function Skip({ id, changed, schedule }: SkipProps) {
  const { zone } = schedule
  const ticks = runTimes(schedule, now.value).slice(0, TICKS)
  if (ticks.length === 0) return null
  return (
    <Action
      title="Skip a tick"
      onSubmit={async (form) => {
        const body = { tick: textOf(form, 'tick'), reason: textOf(form, 'reason') }
        await api.value.post('/v1/jobs/{id}/skip', { path: { id }, body })
        changed(`The tick of ${body.tick} is skipped.`)
      }}
    >
      <label>
        Tick
        <select name="tick">
          {ticks.map((at) => (
            <option key={at} value={new Date(at).toISOString()}>
              {absoluteText(at, zone)}
            </option>
          ))}
        </select>
      </label>
    </Action>
  )
}

/** An interval for a job whose declaration lets it be overridden; the command line has all overrides. */
function Override({ id, changed, job: { overridable, control } }: ChangeProps & { readonly job: Job }) {
  if (!overridable.includes('interval')) return null
  const { items, settings, every } = control.overrides ?? {}
  return (
    <Action
      title="Override the interval"
      onSubmit={async (form) => {
        const interval = textOf(form, 'every')
        const body = {
          reason: textOf(form, 'reason'),
          ...(interval === '' ? {} : { every: interval }),
          ...(items ? { items } : {}),
          ...(settings ? { settings } : {}),
        }
        await api.value.put('/v1/jobs/{id}/overrides', { path: { id }, body })
        changed(interval === '' ? 'The interval is that of the schedule.' : `It runs every ${interval}.`)
      }}
    >
      <label>
        Every
        <input name="every" defaultValue={every ?? ''} />
        <small>such as 30 minutes; empty for the interval of the schedule</small>
      </label>
    </Action>
  )
}

function Invalidate({ id, changed }: ChangeProps) {
  return (
    <Action
      title="Mark data as stale"
      onSubmit={async (form) => {
        const key = keyOf(form)
        const target = 'key' in key ? key : { all: true as const }
        const body = { ...target, reason: textOf(form, 'reason') }
        const answer = await api.value.post('/v1/jobs/{id}/invalidate', { path: { id }, body })
        changed(`Stored values that are marked as stale: ${answer.body.invalidated}.`)
      }}
    >
      <KeyField>Empty for all data of the job. They are served as stale until they are refreshed.</KeyField>
    </Action>
  )
}

function KeyField({ children }: { readonly children: string }) {
  return (
    <label>
      Key
      <input name="key" />
      <small>{children}</small>
    </label>
  )
}

function keyOf(form: FormData): { readonly key?: string } {
  const key = textOf(form, 'key')
  return key === '' ? {} : { key }
}
