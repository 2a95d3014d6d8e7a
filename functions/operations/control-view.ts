import { durationText } from '#shared/domain/duration.ts'
import type { Control } from '#shared/domain/records/control.ts'
import { isoOrNull } from './instant.ts'

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
