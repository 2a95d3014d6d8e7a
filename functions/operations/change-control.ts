import { ulid } from 'ulid'
import type { Job } from '#shared/declare/job.ts'
import { type Control, effectiveControl } from '#shared/domain/records/control.ts'
import type { OperationContext } from './operation.ts'
import { withAudit } from './recorded.ts'
import { HttpError } from './refused.ts'

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
