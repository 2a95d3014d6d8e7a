import { datasets } from '#functions/serving/dataset.ts'
import type { Renewal } from '#functions/serving/look.ts'
import type { Representation } from '#functions/serving/representation.ts'
import type { Filled, FilledOfMany } from '#functions/serving/shape.ts'
import type { Job } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { isOfThisInterval, whyNot } from './live-read.ts'
import { runForLive } from './live-run.ts'
import { awaited } from './live-wait.ts'
import { consistent, lookAt } from './look-at.ts'
import type { Call } from './operation.ts'

/** Many keys take longer than one; the gateway gives up after thirty seconds. */
const LONGEST_WAIT_MS = 20_000

const FIRST_LOOK_MS = 200
const LONGEST_LOOK_MS = 1_000

/** Renews keys for one request of an operator. */
interface Renewals extends Renewal {
  /** Whether this request has asked for a run. */
  isOurs(): boolean
}

/**
 * How keys of a job are renewed: once per key and interval, each run with an audit entry.
 *
 * @param parameter - of the job's tasks, that names keys
 */
export function renewals(job: Job, parameter: string, call: Call): Renewals {
  const { store, clock } = call.ports
  const off = job.off === undefined ? undefined : `${job.id} is off: ${job.off}`
  let isOurs = false
  const stored = async (keys: readonly string[]) => {
    const copies = await datasets(consistent(store), clock).readMany(job, keys)
    return new Map(
      [...copies].flatMap(([key, { value, failure }]) => {
        if (failure !== undefined) throw failure
        return value && !value.isAbsent ? [[key, value] as const] : []
      }),
    )
  }

  const fill = async (key: string): Promise<Filled> => {
    if (off !== undefined) return unavailable(off)
    const look = lookAt(job, key, call.ports)
    const before = await look()
    const run = await runForLive({ job, key }, call)
    isOurs ||= run.isOurs
    const ending = await awaited(run.id, before, look, job, call)
    if (ending.status === 'missing') return unavailable(whyNot(ending.run, run.id))
    if (ending.value.isAbsent) return unavailable('the source does not know this key')
    return { status: 'filled', item: renewed(ending.value) }
  }

  const fillMany = async (keys: readonly string[]): Promise<ReadonlyMap<string, FilledOfMany>> => {
    const before = await stored(keys)
    const [only] = keys
    if (keys.length === 1 && only !== undefined)
      return new Map([[only, orOlder(await fill(only), before.get(only))]])
    if (off !== undefined)
      return new Map(keys.map((key) => [key, orOlder(unavailable(off), before.get(key))]))
    const run = await runForLive({ job, params: { [parameter]: keys.toSorted() } }, call)
    isOurs ||= run.isOurs
    const ended = run.id === undefined ? undefined : await end(run.id, job, call)
    const after = await stored(keys)
    return new Map(
      keys.flatMap((key) => {
        const value = after.get(key)
        if (value && (isWell(ended) || isNewer(value, before.get(key))))
          return [[key, { status: 'filled', item: renewed(value) }] as const]
        // what may still come is neither there nor missing
        if (!value && !ended) return []
        return [[key, orOlder(unavailable(whyNot(ended, run.id)), value)] as const]
      }),
    )
  }

  return {
    fill,
    fillMany,
    isNew: (value) => isOfThisInterval(value, job, clock.now()),
    isOurs: () => isOurs,
  }

  function unavailable(why: string): Filled {
    return { status: 'empty', why: `${job.title} could not be refreshed: ${why}` }
  }

  function orOlder(filled: Filled, value: Representation | undefined): FilledOfMany {
    if (filled.status !== 'empty' || !value || freshness(value, clock.now()) === 'gone') return filled
    return { status: 'older', item: { of: value, waited: false, isCopy: false } }
  }
}

/** How a run has ended, of those that end in time. */
async function end(runId: string, job: Job, { ports }: Call): Promise<RunRecord | undefined> {
  const { store, clock } = ports
  const deadline = clock.now() + LONGEST_WAIT_MS
  for (let wait = FIRST_LOOK_MS; clock.now() < deadline; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    await clock.sleep(Math.min(wait, deadline - clock.now()))
    const run = await store.runs.get(job.id, runId)
    if (run && run.status !== 'running') return run
  }
  return undefined
}

/** A run that found nothing newer ended well all the same: what is stored is what the source has. */
function isWell(run: RunRecord | undefined): boolean {
  return run?.status === 'succeeded' || run?.status === 'unchanged'
}

function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

function renewed(of: Representation) {
  return { of, waited: true, isCopy: false }
}
