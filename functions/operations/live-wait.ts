import type { Representation } from '#functions/serving/representation.ts'
import type { Job } from '#shared/declare/job.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Look } from './look-at.ts'
import type { Call } from './operation.ts'

/** Nobody waits longer for a live read. */
export const LONGEST_WAIT_MS = 8_000

const FIRST_LOOK_MS = 100
const LONGEST_LOOK_MS = 500

/** How a wait for a run ended: with its value, or without one, because the run ended so or has not ended. */
type Ending =
  | { readonly status: 'there'; readonly value: Representation }
  | { readonly status: 'missing'; readonly run: RunRecord | undefined }

/**
 * Waits until a value newer than `before` is stored, or the run has ended without one, at most eight seconds. A run that
 * found nothing newer ended well all the same: what is stored is what the source has.
 */
export async function awaited(
  runId: string | undefined,
  before: Representation | undefined,
  look: Look,
  job: Job,
  { ports }: Call,
): Promise<Ending> {
  const { clock, store } = ports
  const deadline = clock.now() + LONGEST_WAIT_MS
  for (let wait = FIRST_LOOK_MS; clock.now() < deadline; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    await clock.sleep(Math.min(wait, deadline - clock.now()))
    // the record is closed after the value stands: asked for first, it cannot hide one
    const run = runId === undefined ? undefined : await store.runs.get(job.id, runId)
    const value = await look()
    if (value && isNewer(value, before)) return { status: 'there', value }
    if (run === undefined || run.status === 'running' || isAnotherAtIt(run)) continue
    const isConfirmed = run.status === 'succeeded' || run.status === 'unchanged'
    return value && isConfirmed ? { status: 'there', value } : { status: 'missing', run }
  }
  return { status: 'missing', run: undefined }
}

function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

/** The run has met another one of the same key, whose value will do. */
function isAnotherAtIt({ status, reason }: RunRecord): boolean {
  return status === 'skipped' && reason === 'overlap'
}
