import { useSignal } from '@preact/signals'
import type { Dataset } from '#shared/client/client.ts'
import { isOperator } from '../data/api.ts'
import type { ApiDocument } from '../data/document.ts'
import { useLive } from '../data/live.ts'
import { loadDocument } from '../data/loads.ts'
import { AgeBar } from '../parts/age-bar.tsx'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { SourceLabel, State } from '../parts/state.tsx'
import { DayStrip, HourStrip } from '../parts/strips.tsx'
import { Lazy } from './lazy.tsx'
import { LastRun, NextRun } from './overview.tsx'
import { ReadView } from './read.tsx'

interface DatasetProps {
  readonly dataset: Dataset
  readonly datasets: readonly Dataset[]
}

/** One dataset: why it is as old as it is, what it serves, and what operators can do. */
export function DatasetView({ dataset, datasets }: DatasetProps) {
  const { job, title, state, data_source: source, cause, next } = dataset
  return (
    <>
      <Heading>
        {title} <SourceLabel source={source} />
      </Heading>
      <p class="at-a-glance">
        <State state={state} /> <AgeBar dataset={dataset} />
      </p>
      <Explanation dataset={dataset} />
      {isOperator.value ? (
        <Lazy
          load={loadOperatorPart}
          input={{ job, schedule: dataset.schedule, shown: [cause.text, next.text] }}
        />
      ) : null}
      <Reads dataset={dataset} datasets={datasets} />
    </>
  )
}

const loadOperatorPart = () => import('../operator/views.ts').then(({ JobView }) => JobView)

function Explanation({ dataset }: { readonly dataset: Dataset }) {
  const { cause, next, last_run: run, schedule, conditions } = dataset
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why is it this old?</h2>
      <p>
        <Sentence text={`${cause.text}.`} zone={schedule?.zone} />
      </p>
      <p>
        <Sentence text={`${next.text}.`} zone={schedule?.zone} />
      </p>
      <dl>
        <dt>Last run</dt>
        <dd>
          <LastRun run={run} />
        </dd>
        <dt>Next run</dt>
        <dd>
          <NextRun at={next.at} state={dataset.state} zone={schedule?.zone} />
        </dd>
        {conditions.length > 0 ? (
          <>
            <dt>Alarm conditions</dt>
            <dd>{conditions.join(', ')}</dd>
          </>
        ) : null}
        <dt>Last 24 hours</dt>
        <dd>
          <HourStrip dataset={dataset} />
        </dd>
        <dt>Last 90 days</dt>
        <dd>
          <DayStrip dataset={dataset} />
        </dd>
      </dl>
    </section>
  )
}

function Reads({ dataset: { reads, inputs }, datasets }: DatasetProps) {
  const { live } = useLive(loadDocument, 0, [])
  const { value: document, error } = live.value
  const ofInputs = datasets.filter(({ job }) => inputs.includes(job)).flatMap((input) => input.reads)
  const sources = document
    ? [...reads, ...ofInputs].filter((path) => !path.includes('{') && document.paths[path]?.['get'])
    : []
  return (
    <section aria-labelledby="serves">
      <h2 id="serves">What it serves</h2>
      <Failure error={error} />
      {reads.length === 0 ? <p>It has no public reads: only operators can read it.</p> : null}
      {document
        ? reads.map((path, index) => (
            <Read key={path} path={path} document={document} sources={sources} isFirst={index === 0} />
          ))
        : null}
    </section>
  )
}

interface ReadProps {
  readonly path: string
  readonly document: ApiDocument
  readonly sources: readonly string[]
  readonly isFirst: boolean
}

/** A read is requested while it is open. */
function Read({ path, document, sources, isFirst }: ReadProps) {
  const isOpen = useSignal(isFirst)
  const { get, post } = document.paths[path] ?? {}
  return (
    <details
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open
      }}
    >
      <summary>
        <code>{path}</code> {(get ?? post)?.summary}
      </summary>
      {isOpen.value ? <ReadView path={path} document={document} sources={sources} /> : null}
    </details>
  )
}
