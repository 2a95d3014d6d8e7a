import type { Control } from '../ports/records/control.ts'
import type { ToldPause } from '../ports/records/job-state.ts'

/** What anybody may know of what operators decided for a job. */
export function toldOf({ revision, pause, overrides }: Control): ToldPause {
  const { everyMs, items } = overrides ?? {}
  return {
    revision,
    ...(pause ? { until: pause.until } : {}),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(items === undefined ? {} : { items: items.length }),
  }
}
