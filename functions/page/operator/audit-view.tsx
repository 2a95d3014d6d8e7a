import { api } from '../data/api.ts'
import { entryText } from '../data/audit-text.ts'
import { useLive } from '../data/live.ts'
import { cellText } from '../data/members.ts'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { Time } from '../parts/time.tsx'

const PERIOD_MS = 15_000
const ENTRIES = 100

const load = async (signal: AbortSignal) =>
  (await api.value.get('/v1/audit', { query: { limit: ENTRIES }, signal })).body.entries

/** What operators have changed, the newest first. */
export function AuditView() {
  const { live } = useLive(load, PERIOD_MS, [api.value])
  const { value, error } = live.value
  return (
    <>
      <Heading>Audit</Heading>
      <Failure error={error} />
      {value || error ? null : <p aria-busy="true">Changes</p>}
      {value?.length === 0 ? <p>No changes are recorded.</p> : null}
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
