import { resolveJob } from '#shared/declare/job.ts'
import type { JobSpec } from '#shared/declare/job-spec.ts'
import type { SettingsTable } from '#shared/declare/settings.ts'
import { resolveUpstream, type Upstream } from '#shared/declare/upstream.ts'
import type { Index, Refresh } from '#shared/engine/model/refresh.ts'
import { classify } from '#shared/upstreams/classify.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { type WorldOptions, world } from '#test/fakes/world/world.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

/** The key of the list of projects. */
export const LIST = 'list'

/** A body of the provider: the ids of the ongoing projects, or the members of one project. */
interface ProjectBody {
  readonly ids?: readonly string[]
  readonly members?: number
}

/** The ids in a stored list; none when no list is stored. */
function idsIn(items: Index['storedItems'] | undefined): readonly string[] {
  return (items?.get(LIST)?.data as ProjectBody | undefined)?.ids ?? []
}

/** The body with which the provider refuses a request, by its own code. */
export const REFUSAL = { code: 1059 }

/** A provider whose refusals of items count together. */
export const refusing = {
  classify: (answer, now) =>
    classify(
      answer,
      {
        expects: 'object',
        coolDownMs: 60_000,
        marker: (body) =>
          (body as { code?: number }).code === REFUSAL.code
            ? { reason: 'refused', message: 'code 1059', scope: 'item', escalates: true }
            : undefined,
      },
      now,
    ),
  limits: { perMinute: 600, burst: 20, concurrency: 1, scheduledShare: 0.9, zone: 'UTC' },
  escalation: { failures: 3, coolDownMs: 900_000, maxCoolDownMs: 21_600_000 },
} satisfies Partial<Upstream>

const request = (key: string) => ({ key, calls: [{ path: `/${key}` }] })

/** What each refresh of projects has in common: the body is the value. */
const body = {
  renderVersion: 1,
  parse: ([first]) => first as ProjectBody,
  accept: () => ({ accepted: true }),
  item: (value, { now }) => ({ data: { ...value }, asOf: now, degraded: false }),
} satisfies Partial<Refresh<ProjectBody>>

/** The list of projects, then in the same run the detail of each project that is on it. */
export const projects: Refresh<ProjectBody> = {
  ...body,
  indexKeys: () => [LIST],
  plan: ({ key }) => [request(key ?? LIST)],
  laterRequests: ({ index }) => idsIn(index.storedItems).map(request),
  maxCalls: () => ({ coingecko: { retried: 4, once: 0 } }),
}

/** The statistics of each project that is on the list of another job. */
export const projectStatistics: Refresh<ProjectBody> = {
  ...body,
  indexKeys: () => [LIST],
  keys: ({ index }) => idsIn(index.inputItems.get('projects')),
  plan: ({ index, storedItems }) =>
    idsIn(index.inputItems.get('projects'))
      .toSorted((a, b) => (storedItems.get(a)?.checkedAt ?? 0) - (storedItems.get(b)?.checkedAt ?? 0))
      .map(request),
}

/** A world around one of the jobs of projects, with what a test changes. */
export function projectsWorld(
  refresh: Refresh<ProjectBody>,
  {
    job = {},
    upstream = {},
    ...options
  }: {
    readonly job?: Partial<JobSpec<SettingsTable>>
    readonly upstream?: Partial<Upstream>
  } & Pick<Partial<WorldOptions<ProjectBody>>, 'store' | 'faults' | 'secrets'> = {},
) {
  return world({
    job: resolveJob(tinyJob({ id: 'projects', ...job }), {}),
    refresh,
    upstream: { ...resolveUpstream(coingecko, {}), ...upstream },
    start: T0,
    ...options,
  })
}
