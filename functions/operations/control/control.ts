import { ulid } from 'ulid'
import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { updateWithRetry } from '#shared/domain/compare-and-swap.ts'
import { durationText } from '#shared/domain/duration.ts'
import { type Control, effectiveControl, publicControl } from '#shared/domain/records/control.ts'
import { shown } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler } from '../http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  isoOrNull,
  jobOfPath,
  parseIsoTime,
  parseOperationBody,
  reasonMember,
} from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'

const MAX_ATTEMPTS = 5

/** The decisions of operators about a job, without the revision. */
export type ControlState = Omit<Control, 'revision' | 'change'>

/** Another operator changed the control first. */
class ControlConflict extends HttpError {
  readonly stored: Control

  constructor(stored: Control) {
    const message = `expected to change the control of the job, got another change first ${MAX_ATTEMPTS} times`
    super({ status: 409, message, headers: { 'retry-after': '1' } })
    this.stored = stored
  }
}

interface ControlChange {
  /** The name of the change in the audit. */
  readonly action: string
  /** In the operator's own words. */
  readonly reason?: string | undefined
  /** The log message. */
  readonly message: string
  /** Computes the new state from the stored one; `undefined` when nothing is to change. */
  readonly decide: (current: ControlState) => ControlState | undefined
}

/**
 * Changes the control of a job by compare-and-swap: decides again over the newest state when another change came first.
 * The initial pause of the configuration stays in place if the first decision keeps it.
 *
 * @returns the control that applies now
 * @throws {HttpError} the one that `decide` throws; 409 when other changes came first every time; 503 when the table fails
 */
export async function updateControl(
  call: OperationContext,
  job: Job,
  change: ControlChange,
): Promise<Control> {
  const stored = await call.ports.store.controls.get(job.id)
  const swap = await updateWithRetry<Control, Control>(stored, MAX_ATTEMPTS, async (latest) => {
    const current = effectiveControl(job, latest)
    const { revision, change: _id, ...state } = current
    const decided = change.decide(state)
    if (!decided) return { written: true, result: current }
    try {
      const result = await replaceControl(call, job, change, { state, revision, decided })
      return { written: true, result }
    } catch (error) {
      if (error instanceof ControlConflict) return { written: false, stored: error.stored }
      throw error
    }
  })
  if (swap.written) return swap.result
  throw new ControlConflict(swap.stored)
}

/** Writes one audited change. @throws {ControlConflict} when another change came first */
function replaceControl(
  call: OperationContext,
  job: Job,
  { action, reason, message }: ControlChange,
  update: { readonly state: ControlState; readonly revision: number; readonly decided: ControlState },
): Promise<Control> {
  const { store, clock, random } = call.ports
  const { state, revision, decided } = update
  const next: Control = { ...decided, revision: revision + 1, change: ulid(clock.now(), random) }
  const audited = {
    action,
    target: { job: job.id },
    reason,
    before: controlView(state, call.request.at),
    after: controlView(decided, call.request.at),
    message: () => message,
  }
  return withAudit(call, audited, async () => {
    const replaced = await store.controls.replace(job.id, next)
    if (!replaced.written) throw new ControlConflict(replaced.stored)
    return next
  })
}

/** The control of a job as the API returns it, without what has expired. */
export function controlView({ pause, skip, overrides }: ControlState, now: number) {
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

/** Writes the public part of the control, which readers use. If that fails, the watchdog writes it later. */
export async function publishControl(
  job: Job,
  control: Control,
  { ports }: Pick<OperationContext, 'ports'>,
): Promise<void> {
  try {
    await ports.store.states.setPublicControl(job.id, publicControl(control))
  } catch (error) {
    ports.log.warn('The public state of the job could not be updated', { job: job.id, error })
  }
}

/** A member of a body that is a time. */
export const isoTimeMember = bodyMember<string>(
  (value) => parseIsoTime(value) !== undefined,
  'an ISO time in UTC',
)

const MAX_TICKS_AHEAD = 50

const skipBody = z.strictObject({ tick: isoTimeMember, reason: reasonMember })

/** Skips one of the next fifty ticks; replaces an earlier skip. */
export const skip: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  const { request } = call
  expectOnlyParameters(request.query, [])
  const { tick: tickText, reason } = parseOperationBody(request, skipBody)
  const tick = parseIsoTime(tickText) ?? Number.NaN
  expectNextTick(job, tickText, request.at)
  const control = await updateControl(call, job, {
    action: 'skip',
    reason,
    message: `Tick of ${isoText(tick)} skipped`,
    decide: (current) => ({ ...current, skip: { tick, reason, by: request.actor } }),
  })
  return jsonResponse(200, { job: job.id, control: controlView(control, request.at) })
}

/** @throws {HttpError} 400 with the next ticks for a time that is none of them */
function expectNextTick(job: Job, tickText: string, now: number): void {
  const clock = clockOf(job.schedule)
  const next = clock ? occurrences(clock, { after: now, limit: MAX_TICKS_AHEAD }) : []
  if (job.off === undefined && next.includes(parseIsoTime(tickText) ?? Number.NaN)) return
  let ticksText = `${next.slice(0, 3).map(isoText).join(', ')}, …`
  if (!clock) ticksText = 'none, because it runs on demand'
  if (job.off !== undefined) ticksText = 'none, because it is off'
  const message = `tick: expected one of the next ${MAX_TICKS_AHEAD} of ${job.id} (${ticksText}), got ${shown(tickText)}`
  throw new HttpError({ status: 400, message })
}
