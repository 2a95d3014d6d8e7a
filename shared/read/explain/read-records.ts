import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { tickRunId } from '#shared/domain/ids.ts'
import type { NamedRecords, OperatorStore, RecordName } from '#shared/domain/ports/store.ts'
import { RUN_RETENTION_MS } from '#shared/domain/records/run-record.ts'
import type { ExplainRecords } from './situation.ts'
import { latestTick } from './ticks.ts'

/** As many as a job with many runs of single keys needs for one of its whole plan. */
const MAX_RUNS = 50

/**
 * Reads what {@link explain} needs, in at most five requests to the table, however many inputs and upstreams the job has:
 * one for the states of all of them, two for the newest runs of the job, one for the last run of each job, and with a key
 * that has no item one for the list of keys.
 *
 * @throws when the table cannot be read
 */
export async function readExplainRecords(
  { job, key }: { readonly job: Job; readonly key?: string | undefined },
  { jobs }: Pick<System, 'jobs'>,
  { records, runs, keys }: Pick<OperatorStore, 'records' | 'runs' | 'keys'>,
  now: number,
): Promise<ExplainRecords> {
  const all = withInputs(job, jobs)
  const [named, newest] = await Promise.all([
    records.getMany({
      jobs: all.map(({ id }) => id),
      upstreams: [...new Set(all.flatMap(({ upstreams }) => upstreams))],
      runs: all.flatMap((one) => runOfLatestTick(one, now)),
      items:
        key === undefined
          ? []
          : all.filter(({ stored }) => stored === 'items').map(({ id }) => ({ job: id, name: key })),
    }),
    runs.list(job.id, { from: now - RUN_RETENTION_MS, to: now + DAY_MS, limit: MAX_RUNS }),
  ])
  const missing = lastRuns(all, named, new Set(newest.map(({ id }) => id)))
  const [others, isKeyListed] = await Promise.all([
    missing.length === 0 ? undefined : records.getMany({ runs: missing }),
    key !== undefined && !named.items.has(job.id)
      ? keys.list(job.id).then((list) => list.includes(key))
      : true,
  ])
  return {
    named: { ...named, runs: new Map([...named.runs, ...(others?.runs ?? [])]) },
    runs: newest,
    isKeyListed,
  }
}

/** The job and every job that its data depend on. */
function withInputs(job: Job, jobs: readonly Job[]): readonly Job[] {
  const all = new Set([job])
  for (const one of all) for (const input of jobs) if (one.inputs.includes(input.id)) all.add(input)
  return [...all]
}

function runOfLatestTick(job: Job, now: number): readonly RecordName[] {
  const tick = latestTick({ job, now })
  return tick === undefined ? [] : [{ job: job.id, name: tickRunId(job.id, tick) }]
}

function lastRuns(
  jobs: readonly Job[],
  { states, runs }: NamedRecords,
  read: ReadonlySet<string>,
): readonly RecordName[] {
  return jobs.flatMap(({ id }) => {
    const name = states.get(id)?.lastRun?.id
    return name === undefined || runs.has(name) || read.has(name) ? [] : [{ job: id, name }]
  })
}
