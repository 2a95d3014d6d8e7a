import { api } from '../data/api.ts'
import { useLive } from '../data/live.ts'
import { Failure } from '../parts/failure.tsx'
import { cellText } from '../parts/records.tsx'
import { Time } from '../parts/time.tsx'

const PERIOD_MS = 15_000
const ENTRIES = 100

const load = async (signal: AbortSignal) =>
  (await api.value.get('/v1/audit', { query: { limit: ENTRIES }, signal })).body.entries

type Entry = Awaited<ReturnType<typeof load>>[number]

/** One change in plain words: `operator: pause of job hama: maintenance`. */
export function entryText({
  actor,
  action,
  subject,
  reason,
}: Pick<Entry, 'actor' | 'action' | 'subject' | 'reason'>): string {
  const [kind = '', name = ''] = subject.split(/:(.*)/s)
  const what = action.replace(/-failed$/, '').replaceAll('-', ' ')
  const result = action.endsWith('-failed') ? ' failed' : ''
  return `${actor}: ${what} of ${kind} ${name}${result}${reason === null ? '' : `: ${reason}`}`
}

/** What operators have changed, the newest first. */
export function AuditView() {
  const { live } = useLive(load, PERIOD_MS, [api.value])
  const { value, error } = live.value
  return (
    <>
      <h1 tabIndex={-1}>Audit</h1>
      <Failure error={error} />
      {value?.length === 0 ? <p>Nothing has been changed.</p> : null}
      <ol class="audit">
        {value?.map((entry) => (
          <li key={entry.id}>
            <Time at={entry.at} /> {entryText(entry)}
            <details>
              <summary>Before and after</summary>
              <pre tabIndex={0}>{`before: ${cellText(entry.before)}\nafter: ${cellText(entry.after)}`}</pre>
            </details>
          </li>
        ))}
      </ol>
    </>
  )
}
