import type { Job } from '#shared/declare/job.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Representation } from '#shared/read/representation.ts'
import type { ReadValue } from './look-at.ts'
import type { OperationContext } from './operation.ts'

/** Nobody waits longer for a live read. */
export const MAX_WAIT_MS = 8_000

const FIRST_POLL_MS = 100
const MAX_POLL_MS = 500

/** How a wait for a run ended: with its value, or without one, because the run ended so or has not ended. */
type WaitResult =
  | { readonly status: 'there'; readonly value: Representation }
  | { readonly status: 'missing'; readonly run: RunRecord | undefined }

/**
 * Waits until a value newer than `before` is stored, or the run has ended without one, at most eight seconds. A run that
 * found nothing newer ended well all the same: what is stored is what the source has.
 */
export async function waitForValue(
  runId: string | undefined,
  before: Representation | undefined,
  look: ReadValue,
  job: Job,
  { ports }: OperationContext,
): Promise<WaitResult> {
  const { clock, store } = ports
  const deadline = clock.now() + MAX_WAIT_MS
  for (let wait = FIRST_POLL_MS; clock.now() < deadline; wait = Math.min(wait * 1.5, MAX_POLL_MS)) {
    await clock.sleep(Math.min(wait, deadline - clock.now()))
    // the record is closed after the value stands: asked for first, it cannot hide one
    const run = runId === undefined ? undefined : await store.runs.get(job.id, runId)
    const value = await look()
    if (value && isNewer(value, before)) return { status: 'there', value }
    if (run === undefined || run.status === 'running' || isOverlap(run)) continue
    const isConfirmed = run.status === 'succeeded' || run.status === 'unchanged'
    return value && isConfirmed ? { status: 'there', value } : { status: 'missing', run }
  }
  return { status: 'missing', run: undefined }
}

function isNewer({ checkedAt }: Representation, before: Representation | undefined): boolean {
  return before === undefined || checkedAt > before.checkedAt
}

/** The run has met another one of the same key, whose value will do. */
function isOverlap({ status, reason }: RunRecord): boolean {
  return status === 'skipped' && reason === 'overlap'
}
