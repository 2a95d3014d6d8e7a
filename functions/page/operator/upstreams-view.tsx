import { api } from '../data/api.ts'
import { useLive } from '../data/live.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { Time } from '../parts/time.tsx'

const PERIOD_MS = 15_000

const load = async (signal: AbortSignal) => (await api.value.get('/v1/upstreams', { signal })).body.upstreams

type Upstream = Awaited<ReturnType<typeof load>>[number]

const COLUMNS = [
  'Provider',
  'Pace',
  'Calls of the day',
  'Calls of the month',
  'Circuit',
  'Cool-down',
] as const

/** Every provider: its limits, what is used of its quota, and what keeps runs from calling it. */
export function UpstreamsView() {
  const { live } = useLive(load, PERIOD_MS, [api.value])
  const { value, error } = live.value
  return (
    <>
      <Heading>Providers</Heading>
      <Failure error={error} />
      {value ? <Upstreams upstreams={value} /> : <p aria-busy={!error}>Providers</p>}
    </>
  )
}

function Upstreams({ upstreams }: { readonly upstreams: readonly Upstream[] }) {
  return (
    <table class="cards">
      <ColumnHeads names={COLUMNS} />
      <tbody>
        {upstreams.map((upstream) => (
          <Row key={upstream.name} upstream={upstream} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ upstream }: { readonly upstream: Upstream }) {
  const { title, limits, calls, breaker, cool_down: coolDown } = upstream
  return (
    <tr>
      <th scope="row">{title}</th>
      <td data-label="Pace">
        {limits.per_minute} a minute, {limits.concurrency} at once
      </td>
      <td data-label="Calls of the day">
        <Quota count={calls.day} />
      </td>
      <td data-label="Calls of the month">
        <Quota count={calls.month} />
      </td>
      <td data-label="Circuit">
        {breaker.state}
        {breaker.failures > 0 ? `, ${breaker.failures} failures` : ''}
      </td>
      <td data-label="Cool-down">
        {coolDown ? (
          <>
            {coolDown.reason}, ends <Time at={coolDown.until} />
          </>
        ) : (
          'none'
        )}
      </td>
    </tr>
  )
}

function Quota({ count }: { readonly count: Upstream['calls']['day'] }) {
  if (!count) return <>no limit</>
  const { used, limit, forecast, is_exceeding: isExceeding, resets_at: resetsAt } = count
  return (
    <>
      <meter min="0" max={limit} value={used} aria-label="used" /> {used} of {limit}, forecast {forecast}
      {isExceeding ? ' (too many)' : ''}, renewed <Time at={resetsAt} />
    </>
  )
}
