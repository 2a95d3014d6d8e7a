import type { Control } from '#shared/domain/records/control.ts'
import type { ToldPause } from '#shared/domain/records/job-state.ts'

/** Characters of keys that are told: every run reads and writes them with the job's state. */
const LONGEST_KEYS = 4_096

/** What anybody may know of what operators decided for a job. */
export function toldOf({ revision, pause, overrides }: Control): ToldPause {
  const { everyMs, items } = overrides ?? {}
  return {
    revision,
    ...(pause ? { until: pause.until } : {}),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(items === undefined ? {} : { items: items.length }),
    ...(items && items.join().length <= LONGEST_KEYS ? { keys: items } : {}),
  }
}
