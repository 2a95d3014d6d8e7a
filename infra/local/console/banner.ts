import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { RouteRow } from '#shared/http/routes.ts'
import type { Chaos } from '../simulated/faults/chaos.ts'

interface BannerInput {
  readonly version: string
  readonly url: string
  readonly data: string
  /** The operator's. */
  readonly token: string
  readonly routes: readonly RouteRow[]
  readonly jobs: readonly Pick<Job, 'id' | 'title' | 'off' | 'initialPause' | 'schedule' | 'follows'>[]
  readonly upstreams: readonly Pick<Upstream, 'name' | 'title' | 'attribution' | 'baseUrls'>[]
  /** Providers that a stand-in answers for. */
  readonly simulated: readonly string[]
  /** How the stand-ins fail, if they do. */
  readonly chaos: Chaos | undefined
  /** What has to be said of providers that are asked for real. */
  readonly notes: readonly string[]
  /** The next tick of a schedule; milliseconds since the epoch. */
  readonly next: (schedule: Schedule) => number | undefined
}

/** What is printed once everything answers. */
export function banner(facts: BannerInput): string[] {
  const { version, url, data, token, routes, jobs, upstreams, simulated, chaos, notes } = facts
  return [
    `Freshet ${version} at ${url}`,
    `Data in ${data}`,
    '',
    ...routes.flatMap((row) => (row.access === 'public' ? [`  ${url}${row.path}`, ...aboutOf(row)] : [])),
    `  ${url}/v1/jobs`,
    '      What operators ask, with: Authorization: Bearer <token>',
    `Operator token: ${token}`,
    '',
    ...jobs.map((job) => `  ${jobLine(job, facts)}`),
    '',
    ...upstreams.map(({ name, title, baseUrls }) =>
      simulated.includes(name)
        ? `${title}: simulated. A stand-in answers, its values are invented; npm start -- --live asks the provider`
        : `${title}: live, ${baseUrls.map((base) => base.origin).join(', ')}`,
    ),
    ...(chaos ? [chaosLine(chaos)] : []),
    ...notes,
    ...upstreams.map(({ attribution }) => `${attribution.text} (${attribution.url})`),
    '',
    'Ctrl-C ends it',
    '',
  ]
}

function aboutOf(row: RouteRow): string[] {
  return row.serves === 'dataset' ? [`      ${row.route.about}`] : []
}

function chaosLine({ profile: { name, about }, firstCall }: Chaos): string {
  return `Chaos profile ${name} is on${firstCall === 1 ? '' : `, from call ${firstCall}`}: ${about}`
}

function jobLine(job: BannerInput['jobs'][number], { next }: BannerInput): string {
  const { id, title, off, initialPause, schedule, follows } = job
  if (off !== undefined) return `${id}: ${title}; off: ${off}`
  const clock = clockOf(schedule)
  if (!clock) return `${id}: ${title}; on demand`
  const at = next(clock)
  const when = at === undefined ? 'never' : localTime(at)
  const after = follows.length === 0 ? '' : `, and after each publication of ${follows.join(', ')}`
  const paused = initialPause === undefined ? '' : `; created paused: ${initialPause}`
  return `${id}: ${title}; ${clock.expression} ${clock.zone}, next ${when}${after}${paused}`
}

/** Date and time in the zone of this machine: `2026-11-20 14:03:00`. */
function localTime(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE')
}
