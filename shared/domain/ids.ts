import { createHash } from 'node:crypto'
import { ulid } from 'ulid'

/** What of a job says how its task ids are written. */
interface TaskIds {
  readonly id: string
  readonly taskPrefix: string
}

/** Id of a tick's run: `global-market-20261120T150300Z`. The same tick always has the same id. */
export function tickRunId(job: string, tick: number): string {
  return `${job}-${tickText(tick)}`
}

/** Id of any other run: `global-market-01JD8Y6W3V9S2K4N7Q0R5T1XZA`, ordered by its time. */
export function freeRunId(job: string, at: number, random: () => number): string {
  return `${job}-${ulid(at, random)}`
}

/**
 * Id of the run that an event asks for: the same event, delivered again, has the same id. Of a refreshed input it is
 * made from the id of the input's run in place of the event's own, so that each such run asks for one.
 */
export function eventRunId(job: string, at: number, eventId: string): string {
  const digest = createHash('sha256').update(eventId).digest()
  let next = 0
  return freeRunId(job, at, () => (digest[next++ % digest.length] ?? 0) / 256)
}

/** Whether an id is that of a job's run without a tick. */
export function isFreeRunId(id: string, job: string): boolean {
  return id.startsWith(`${job}-`) && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id.slice(job.length + 1))
}

/** Whether an id is that of a run of a job, of whatever cause. */
export function isRunId(id: string, job: string): boolean {
  return isFreeRunId(id, job) || (id.startsWith(`${job}-`) && /^\d{8}T\d{6}Z$/.test(id.slice(job.length + 1)))
}

/** A task's id as its job documents it: the id of its run under another prefix. */
export function taskIdOf(run: string, { id, taskPrefix }: TaskIds): string {
  return `${taskPrefix}${run.slice(id.length + 1)}`
}

/** The run behind a documented task id; `undefined` for what is none of the job's. */
export function runOfTask(taskId: string, { id, taskPrefix }: TaskIds): string | undefined {
  if (!taskId.startsWith(taskPrefix)) return undefined
  const run = `${id}-${taskId.slice(taskPrefix.length)}`
  return isRunId(run, id) ? run : undefined
}

/** A name for one invocation, unlike any other. */
export function ownerId(at: number, random: () => number): string {
  return ulid(at, random)
}

/** `20261120T150300Z`: a time within ids, whole seconds. */
export function tickText(tick: number): string {
  return `${new Date(tick).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
