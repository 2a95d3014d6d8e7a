import type { Dataset } from '#shared/client/client.ts'
import { AgeBar } from '../parts/age-bar.tsx'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Heading } from '../parts/heading.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { SourceLabel, State } from '../parts/state.tsx'
import { DayStrip, HourStrip } from '../parts/strips.tsx'
import { Time } from '../parts/time.tsx'

const COLUMNS = ['Dataset', 'State', 'Age', 'Last run', 'Next run', 'Last 24 hours', 'Last 90 days'] as const

/** Every dataset in one table: those that need attention first. */
export function Overview({ datasets }: { readonly datasets: readonly Dataset[] }) {
  const overdue = datasets.filter(({ state }) => state === 'overdue').length
  const active = datasets.filter(({ state }) => state !== 'off').length
  return (
    <>
      <Heading>Datasets</Heading>
      <p>{overdue === 0 ? 'No dataset is overdue.' : `${overdue} of ${active} datasets are overdue.`}</p>
      <table class="cards">
        <ColumnHeads names={COLUMNS} />
        <tbody>
          {datasets.toSorted(byAttention).map((dataset) => (
            <Row key={dataset.job} dataset={dataset} />
          ))}
        </tbody>
      </table>
    </>
  )
}

const ORDER: readonly Dataset['state'][] = ['overdue', 'pending', 'paused', 'fresh', 'on-demand', 'off']

function byAttention(a: Dataset, b: Dataset): number {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.title.localeCompare(b.title)
}

function Row({ dataset }: { readonly dataset: Dataset }) {
  const { job, title, state, data_source: source, cause, next, schedule } = dataset
  return (
    <tr>
      <th scope="row">
        <a href={`#/datasets/${encodeURIComponent(job)}`}>{title}</a> <SourceLabel source={source} />
        {state === 'fresh' ? null : (
          <p class="why">
            <Sentence text={`${cause.text}.`} zone={schedule?.zone} />
          </p>
        )}
      </th>
      <td data-label="State">
        <State state={state} />
      </td>
      <td data-label="Age">
        <AgeBar dataset={dataset} />
      </td>
      <td data-label="Last run">
        <LastRun run={dataset.last_run} />
      </td>
      <td data-label="Next run">
        <NextRun at={next.at} state={state} zone={schedule?.zone} />
      </td>
      <td data-label="Last 24 hours">
        <HourStrip dataset={dataset} />
      </td>
      <td data-label="Last 90 days">
        <DayStrip dataset={dataset} />
      </td>
    </tr>
  )
}

/** How the last run ended, with the reason, and when. */
export function LastRun({ run }: { readonly run: Dataset['last_run'] }) {
  if (!run) return <>none yet</>
  return (
    <>
      {run.outcome}
      {run.reason === null ? '' : ` (${run.reason})`}, <Time at={run.ended_at} />
    </>
  )
}

interface NextRunProps {
  readonly at: string | null
  readonly state: Dataset['state']
  readonly zone: string | undefined
}

/** When the next run starts, if it is known. */
export function NextRun({ at, state, zone }: NextRunProps) {
  if (state === 'on-demand') return <>when it is read</>
  if (at === null || state === 'off') return <>none</>
  return <Time at={at} zone={zone} past="due" />
}
