import type { Control } from '#shared/domain/records/control.ts'
import type { PublicControl } from '#shared/domain/records/job-state.ts'

/** Characters of keys that are told: every run reads and writes them with the job's state. */
const MAX_KEYS_LENGTH = 4_096

/** What anybody may know of what operators decided for a job. */
export function publicControl({ revision, pause, overrides }: Control): PublicControl {
  const { intervalMs, items } = overrides ?? {}
  return {
    revision,
    ...(pause ? { pausedUntil: pause.until } : {}),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(items === undefined ? {} : { itemCount: items.length }),
    ...(items && items.join().length <= MAX_KEYS_LENGTH ? { itemKeys: items } : {}),
  }
}
