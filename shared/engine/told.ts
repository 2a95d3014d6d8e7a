import type { Control, ToldPause } from '../ports/records.ts'

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
