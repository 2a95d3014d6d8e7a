import { ulid } from 'ulid'
import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { durationText } from '#shared/domain/duration.ts'
import { type Control, effectiveControl, publicControl } from '#shared/domain/records/control.ts'
import { withAudit } from './audit.ts'
import type { OperationContext, OperationHandler } from './http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  isoOrNull,
  jobOfPath,
  parseBody,
  parseIsoTime,
  textMember,
} from './http/request.ts'
import { HttpError, jsonResponse, shown } from './http/response.ts'

/** So often another operator's change may come first. */
const MAX_ATTEMPTS = 5

/** What is decided for a job, without what counts and names the changes. */
export type ControlState = Omit<Control, 'revision' | 'change'>

/** Another change came between look and write. */
class ControlConflict extends HttpError {
  readonly stored: Control

  constructor(stored: Control) {
    const message = `expected to change what was decided for the job, got another change first ${MAX_ATTEMPTS} times`
    super({ status: 409, message, headers: { 'retry-after': '1' } })
    this.stored = stored
  }
}

/**
 * Changes what operators decided for a job: over the state that was looked at, and again when another change came first.
 * A job that was created paused stays so under a first decision that says nothing of it.
 *
 * @param decide - what is to hold; `undefined` when nothing is to change
 * @returns what holds now
 * @throws {HttpError} as `decide` does; 409 when other changes came first again and again; 503 when the table fails
 */
export async function updateControl(
  call: OperationContext,
  job: Job,
  action: string,
  decide: (held: ControlState) => ControlState | undefined,
): Promise<Control> {
  const { store, clock, random } = call.ports
  let stored = await store.controls.get(job.id)
  for (let tries = 1; ; tries += 1) {
    const current = effectiveControl(job, stored)
    const held = withoutRevision(current)
    const decided = decide(held)
    if (!decided) return current
    const to: Control = { ...decided, revision: stored.revision + 1, change: ulid(clock.now(), random) }
    const change = { action, subject: `job:${job.id}`, before: held, after: decided }
    try {
      await withAudit(call, change, async () => {
        const replaced = await store.controls.replace(job.id, to)
        if (!replaced.written) throw new ControlConflict(replaced.stored)
      })
      return to
    } catch (error) {
      if (!(error instanceof ControlConflict) || tries === MAX_ATTEMPTS) throw error
      stored = error.stored
    }
  }
}

function withoutRevision({ revision: _revision, change: _change, ...decided }: Control): ControlState {
  return decided
}

/** What operators decided for a job, as far as it still holds. */
export function controlView({ pause, skip, overrides }: Control, now: number) {
  return {
    pause:
      pause && pause.until > now
        ? { until: isoOrNull(pause.until), reason: pause.reason, by: pause.by }
        : null,
    skip: skip && skip.tick > now ? { tick: isoOrNull(skip.tick), reason: skip.reason, by: skip.by } : null,
    overrides: overrides
      ? {
          every: overrides.intervalMs === undefined ? null : durationText(overrides.intervalMs),
          items: overrides.items ?? null,
          settings: overrides.settings ?? null,
        }
      : null,
  }
}

/**
 * Tells anybody what was decided for a job. It holds all the same where it cannot be told: the watchdog makes up for
 * that.
 */
export async function publishControl(
  job: Job,
  control: Control,
  { ports }: Pick<OperationContext, 'ports'>,
): Promise<void> {
  try {
    await ports.store.states.setPublicControl(job.id, publicControl(control))
  } catch (error) {
    ports.log.warn('What was decided could not be told to readers yet', { job: job.id, error })
  }
}

const MAX_PAUSE_MS = 366 * 86_400_000

const pauseBody = z.strictObject({
  until: bodyMember<string>((value) => parseIsoTime(value) !== undefined, 'an ISO time in UTC'),
  reason: textMember('a reason', 200),
})

const resumeBody = z.strictObject({})

/** Pauses a job until a time at most a year away: ticks and stale reads ask for nothing, operators and cold reads do. */
export const pause: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { until: said, reason } = parseBody(request, pauseBody)
  const until = parseIsoTime(said) ?? Number.NaN
  if (!(until > request.at && until <= request.at + MAX_PAUSE_MS)) {
    const message = `until: expected a time in the future, at most a year away; got ${shown(said)}`
    throw new HttpError({ status: 400, message })
  }
  const control = await updateControl(call, job, 'pause', (held) => ({
    ...held,
    pause: { until, reason, by: request.actor },
  }))
  await publishControl(job, control, call)
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}

/** Ends a pause; of a job that is not paused nothing is changed. */
export const resume: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  parseBody(request, resumeBody)
  const control = await updateControl(call, job, 'resume', ({ pause: held, ...others }) =>
    held && held.until > request.at ? others : undefined,
  )
  await publishControl(job, control, call)
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}

/** Nobody plans further ahead. */
const MAX_TICKS_AHEAD = 50

const skipBody = z.strictObject({
  tick: bodyMember<string>((value) => parseIsoTime(value) !== undefined, 'an ISO time in UTC'),
  reason: textMember('a reason', 200),
})

/** Leaves one scheduled moment out, one of the next fifty; it replaces another one that was to be left out. */
export const skip: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { tick: said, reason } = parseBody(request, skipBody)
  const tick = parseIsoTime(said) ?? Number.NaN
  const clock = clockOf(job.schedule)
  const next = clock ? occurrences(clock, { after: request.at, limit: MAX_TICKS_AHEAD }) : []
  if (job.off !== undefined || !next.includes(tick)) {
    const some = clock
      ? `${next.slice(0, 3).map(isoOrNull).join(', ')}, …`
      : 'none, because it runs on demand'
    const shownTicks = job.off === undefined ? some : 'none, because it is off'
    const message = `tick: expected one of the next ${MAX_TICKS_AHEAD} of ${job.id} (${shownTicks}), got ${shown(said)}`
    throw new HttpError({ status: 400, message })
  }
  const control = await updateControl(call, job, 'skip', (held) => ({
    ...held,
    skip: { tick, reason, by: request.actor },
  }))
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}
