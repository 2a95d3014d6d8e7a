import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule } from '#shared/declare/schedule.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import type { RouteRow } from '#shared/http/routes.ts'
import type { Chaos } from '../simulated/faults/chaos.ts'

interface BannerInput {
  readonly version: string
  readonly url: string
  /** Path of the data directory. */
  readonly data: string
  /** The token of the operator. */
  readonly token: string
  readonly routes: readonly RouteRow[]
  readonly jobs: readonly Pick<Job, 'id' | 'title' | 'off' | 'initialPause' | 'schedule' | 'follows'>[]
  /** The jobs that run; all of them by default. */
  readonly only?: readonly string[] | undefined
  readonly upstreams: readonly Pick<Upstream, 'name' | 'title' | 'off' | 'attribution' | 'baseUrls'>[]
  /** Names of simulated providers. */
  readonly simulated: readonly string[]
  /** How the simulated providers fail; `undefined` when they do not. */
  readonly chaos: Chaos | undefined
  /** Further lines, such as missing keys. */
  readonly notes: readonly string[]
  /** The next tick of a schedule; milliseconds since the epoch. */
  readonly next: (schedule: Schedule) => number | undefined
}

/** The lines that are printed as soon as the HTTP API answers. */
export function banner(input: BannerInput): string[] {
  const { version, url, data, token, routes, jobs, upstreams, simulated, chaos, notes } = input
  return [
    `Freshet ${version} at ${url}`,
    'Open this address in a browser. Operators sign in there with the token below.',
    `Data in ${data}`,
    '',
    ...routes
      .filter(({ access, serves }) => access === 'public' && serves !== 'page')
      .flatMap((row) => routeLines(row, url)),
    `  ${url}/v1/jobs`,
    '      The API of operators, with: Authorization: Bearer <token>',
    `Operator token: ${token}`,
    '',
    ...jobs.map((job) => `  ${jobLine(job, input)}`),
    '',
    ...upstreams.map((upstream) => upstreamLine(upstream, simulated)),
    ...(chaos ? [chaosLine(chaos)] : []),
    ...notes,
    ...new Set(
      upstreams
        .filter(({ off }) => off === undefined)
        .map(({ attribution }) => `${attribution.text} (${attribution.url})`),
    ),
    '',
    'Press Ctrl-C to stop',
    '',
  ]
}

/** The URL, with its method where it is not GET, and what it serves. */
function routeLines(row: RouteRow, origin: string): string[] {
  const method = row.methods.includes('GET') ? '' : `${row.methods.join(', ')} `
  const about = row.serves === 'dataset' || row.serves === 'submission' ? [`      ${row.route.about}`] : []
  return [`  ${method}${origin}${row.path}`, ...about]
}

function upstreamLine(
  { name, title, off, baseUrls }: BannerInput['upstreams'][number],
  simulated: readonly string[],
): string {
  if (off !== undefined) return `${title}: off: ${off}`
  return simulated.includes(name)
    ? `${title}: simulated, all values are invented; npm start -- --live calls the provider`
    : `${title}: live, ${baseUrls.map((base) => base.origin).join(', ')}`
}

function chaosLine({ profile: { name, about }, firstCall }: Chaos): string {
  return `Chaos profile ${name} is on${firstCall === 1 ? '' : `, from call ${firstCall}`}: ${about}`
}

function jobLine(job: BannerInput['jobs'][number], { next, only }: BannerInput): string {
  const { id, title, off, initialPause, schedule, follows } = job
  if (off !== undefined) return `${id}: ${title}; off: ${off}`
  if (only?.includes(id) === false) return `${id}: ${title}; not run: --only does not name it`
  const clock = clockOf(schedule)
  if (!clock) return `${id}: ${title}; on demand`
  const at = next(clock)
  const nextTick = at === undefined ? 'never' : localTime(at)
  const after = follows.length === 0 ? '' : `, and after each publication of ${follows.join(', ')}`
  const paused = initialPause === undefined ? '' : `; created paused: ${initialPause}`
  return `${id}: ${title}; ${clock.expression} ${clock.zone}, next ${nextTick}${after}${paused}`
}

/** Date and time in the zone of this machine: `2026-11-20 14:03:00`. */
function localTime(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE')
}
