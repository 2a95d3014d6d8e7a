import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { freeRunId } from '#shared/domain/ids.ts'
import type { KeyedTrigger } from '#shared/domain/records/claim.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import { answer } from './answer.ts'
import { askForRun } from './ask-for-run.ts'
import { bodyOf, text } from './body.ts'
import { expectIdle } from './idle.ts'
import { expectKey } from './job-keys.ts'
import { namedJob } from './named.ts'
import type { Call, Operate } from './operation.ts'
import { expectOnly } from './query.ts'
import { recorded } from './recorded.ts'
import { Refused } from './refused.ts'
import { askedUnderKey, standsFor } from './trigger-key.ts'

/** Whoever took a trigger upon himself has said it on the bus by then, or never will. */
const SAYS_WITHIN_MS = 5_000

const KEEP_KEY_MS = 24 * 3_600_000

const schema = z.strictObject({
  key: z.optional(text('a key', 256)),
  reason: z.optional(text('a reason', 200)),
})

/**
 * Asks for a run now, of the whole job or of one key of it. The run's id is promised before the bus is told: said
 * again, after a crash or under the same `Idempotency-Key`, it is the same run.
 */
export const trigger: Operate = async (call) => {
  const job = namedJob(call)
  expectOnly(call.request.query, [])
  const asked = bodyOf(call.request, schema)
  if (asked.key !== undefined) expectKey(job, asked.key)
  const underKey = askedUnderKey(call, { key: asked.key, reason: asked.reason })
  const before = underKey && (await standsFor(underKey, job.id, call))
  if (before && (await isUnderWay(before, job, call))) return promised(before.runId, job, call)
  expectRuns(job)
  // the lease of the whole job leaves its keys free, and a task waits for its turn
  if (asked.key === undefined && job.run.shape === 'plain') await expectIdle(job, call)

  const now = call.ports.clock.now()
  const runId = before?.runId ?? freeRunId(job.id, now, call.ports.random)
  const taken: KeyedTrigger | undefined = underKey && {
    ...underKey,
    runId,
    at: now,
    isSaid: false,
    expiresAt: before?.expiresAt ?? now + KEEP_KEY_MS,
  }
  if (taken) await take(taken, before, job, call)
  const change = { action: 'trigger', subject: `job:${job.id}`, after: { run_id: runId, ...asked } }
  await recorded(call, change, () => askForRun(runId, { job, ...asked }, call.ports))
  if (taken) await noteSaid(taken, job, call)
  return promised(runId, job, call)
}

/**
 * Whether a promised run needs not be asked for again: the bus took it, or it has begun.
 *
 * @throws {Refused} 409 while another request may still be telling the bus
 */
async function isUnderWay(before: KeyedTrigger, job: Job, { ports }: Call): Promise<boolean> {
  if (before.isSaid || (await ports.store.runs.get(job.id, before.runId))) return true
  if (ports.clock.now() - before.at >= SAYS_WITHIN_MS) return false
  throw inProgress(before.runId)
}

function expectRuns({ id, off }: Job): void {
  if (off === undefined) return
  throw new Refused({ status: 409, message: `expected a job that runs; ${id} is off: ${off}` })
}

/** @throws {Refused} 409 when another request under the same key came first */
async function take(to: KeyedTrigger, over: KeyedTrigger | undefined, job: Job, { ports }: Call) {
  const taken = await ports.store.triggers.replace(job.id, to, over, to.at)
  if (!taken.written) throw inProgress(taken.stored?.runId)
}

/** The run comes either way: without the note, a repetition would only ask for the same run once more. */
async function noteSaid(taken: KeyedTrigger, job: Job, { ports }: Call): Promise<void> {
  try {
    await ports.store.triggers.replace(job.id, { ...taken, isSaid: true }, taken, taken.at)
  } catch (error) {
    ports.log.warn('That the bus took a trigger could not be noted', {
      job: job.id,
      run_id: taken.runId,
      error,
    })
  }
}

function inProgress(runId: string | undefined): Refused {
  return new Refused({
    status: 409,
    message: 'A request under this Idempotency-Key is being carried out; it may be repeated in a moment',
    headers: { 'retry-after': String(SAYS_WITHIN_MS / 1_000) },
    members: runId === undefined ? {} : { run_id: runId },
  })
}

function promised(runId: string, job: Job, { route, id }: Call): HttpResult {
  const location = `/v1/runs/${runId}`
  const isAlias = route.path.startsWith('/admin/')
  const body = {
    success: true,
    message: `Job ${id} triggered`,
    run_id: runId,
    job: job.id,
    status_url: isAlias ? `/admin/jobs/runs/${runId}` : location,
  }
  return answer(202, body, { location })
}
