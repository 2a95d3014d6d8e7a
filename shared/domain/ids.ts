import { createHash } from 'node:crypto'
import { ulid } from 'ulid'

/** The part of a job that determines its task ids. */
interface TaskIds {
  readonly id: string
  readonly taskPrefix: string
}

/** Id of a tick's run: `global-market-20261120T150300Z`. The same tick always has the same id. */
export function tickRunId(job: string, tick: number): string {
  return `${job}-${tickText(tick)}`
}

/** The tick of a run by its id; `undefined` for a run that has none. */
export function tickOfRunId(id: string, job: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(id.slice(job.length + 1))
  if (!parts || !id.startsWith(`${job}-`)) return undefined
  const [year, month = 1, day, hour, minute, second] = parts.slice(1).map(Number)
  return Date.UTC(year ?? 0, month - 1, day, hour, minute, second)
}

/** Id of any other run: `global-market-01JD8Y6W3V9S2K4N7Q0R5T1XZA`, ordered by its time. */
export function freeRunId(job: string, at: number, random: () => number): string {
  return `${job}-${ulid(at, random)}`
}

/**
 * Id of the run that an event requests: every delivery of the same event has the same id. For a refreshed input,
 * `eventId` is the id of the input's run, so that each such run causes one run.
 */
export function eventRunId(job: string, at: number, eventId: string): string {
  return freeRunId(job, at, randomOf(eventId))
}

/** A ULID that follows from a time and a name: a repetition has the same one. */
export function stableUlid(at: number, name: string): string {
  return ulid(at, randomOf(name))
}

function randomOf(name: string): () => number {
  const digest = createHash('sha256').update(name).digest()
  let next = 0
  return () => (digest[next++ % digest.length] ?? 0) / 256
}

/** Whether an id belongs to a run of the job that has no tick. */
export function isFreeRunId(id: string, job: string): boolean {
  return id.startsWith(`${job}-`) && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id.slice(job.length + 1))
}

/** Whether an id belongs to a run of the job, with or without a tick. */
export function isRunId(id: string, job: string): boolean {
  return isFreeRunId(id, job) || (id.startsWith(`${job}-`) && /^\d{8}T\d{6}Z$/.test(id.slice(job.length + 1)))
}

/** The documented task id of a run: its id with the job's task prefix. */
export function taskIdOf(run: string, { id, taskPrefix }: TaskIds): string {
  return `${taskPrefix}${run.slice(id.length + 1)}`
}

/** The run id of a documented task id; `undefined` when it is not one of the job's. */
export function runIdOfTask(taskId: string, { id, taskPrefix }: TaskIds): string | undefined {
  if (!taskId.startsWith(taskPrefix)) return undefined
  const run = `${id}-${taskId.slice(taskPrefix.length)}`
  return isRunId(run, id) ? run : undefined
}

/** A unique name for one invocation. */
export function ownerId(at: number, random: () => number): string {
  return ulid(at, random)
}

/** A random UUID, version 4. @see RFC 9562, section 5.4 */
export function uuid(random: () => number): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** A time as ids contain it, in whole seconds: `20261120T150300Z`. */
export function tickText(tick: number): string {
  return `${new Date(tick).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
