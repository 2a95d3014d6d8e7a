import { createHash } from 'node:crypto'
import { ulid } from 'ulid'
import type { Random } from '../ports/random.ts'

/** Id of a tick's run: `global-market-20261120T150300Z`. The same tick always has the same id. */
export function tickRunId(job: string, tick: number): string {
  return `${job}-${tickText(tick)}`
}

/** Id of any other run: `global-market-01JD8Y6W3V9S2K4N7Q0R5T1XZA`, ordered by its time. */
export function freeRunId(job: string, at: number, random: Random): string {
  return `${job}-${ulid(at, random)}`
}

/** Id of the run that an event asks for: the same event, delivered again, has the same id. */
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

/** A name for one invocation, unlike any other. */
export function ownerId(at: number, random: Random): string {
  return ulid(at, random)
}

/** `20261120T150300Z`: a time within ids, whole seconds. */
export function tickText(tick: number): string {
  return `${new Date(tick).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
