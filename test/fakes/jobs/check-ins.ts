import { refresh as refreshDailyStats } from '#functions/jobs/check-in-daily-stats/refresh.ts'
import { refresh as refreshLeaderboards } from '#functions/jobs/check-in-leaderboards/refresh.ts'
import { refresh as refreshProjects } from '#functions/jobs/check-in-projects/refresh.ts'
import { refresh as refreshStats } from '#functions/jobs/check-in-stats/refresh.ts'
import { refresh as refreshTopics } from '#functions/jobs/check-in-topics/refresh.ts'
import { jobs } from '#functions/jobs/declared.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import { checkIns } from '#shared/upstreams/check-ins.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { type Reply, type WorldOptions, world } from '#test/fakes/world/world.ts'

/** When the clock starts: 16:00 in Shanghai. */
export const AFTERNOON = Date.UTC(2026, 10, 20, 8)

/** The token of the world; it is no word of any other text. */
export const TOKEN = 'token-3f1c77aa'

/** Settings under which the jobs are on. */
export const CHECK_INS_ON = {
  CHECKINS_ENABLED: 'true',
  CHECKINS_TOKEN_PARAMETER: '/test/check-ins-token',
  CHECKINS_GROUP_ID: '7',
  CHECKINS_TERMS_ACKNOWLEDGED: 'true',
} as const

export const CHECK_IN_JOBS = [
  'check-in-projects',
  'check-in-stats',
  'check-in-daily-stats',
  'check-in-leaderboards',
  'check-in-topics',
] as const

type CheckInJob = (typeof CHECK_IN_JOBS)[number]

/** Their declarations. */
export const declaredCheckIns = jobs.filter(({ id }) => CHECK_IN_JOBS.includes(id as CheckInJob))

/** What a call of the provider is about. */
interface CheckInCall {
  readonly kind: 'list' | 'detail' | 'statistics' | 'daily' | 'ranking_list' | 'topics'
  /** Empty for a list. */
  readonly id: string
  readonly query: URLSearchParams
}

/** A member as the provider sends it; the address of the image is signed until `expiresAt`, in epoch seconds. */
export const member = (number: number, expiresAt = 4_000_000_000, signature = 'abc') => ({
  user_id: 100_000_000_000_000 + number,
  name: `Name-${number}`,
  alias: '',
  avatar_url: `https://images.test/Avatar-${number}?e=${expiresAt}&token=key:${signature}`,
})

/** A body of a success. */
export const success = (resp_data: unknown): Reply => ({ status: 200, body: { succeeded: true, resp_data } })

/** A body of a failure, under 200. */
export const failure = (code: number): Reply => ({
  status: 200,
  body: { succeeded: false, code, info: 'a text' },
})

const project = (id: string) => ({
  checkin_id: Number(id),
  title: `Project ${id}`,
  text: 'Once a day',
  create_time: '2026-11-01T00:00:00.000+0800',
  joined_count: 34,
  status: 'ongoing',
  owner: member(1),
})

/** Ranks 1 to `count`. */
export const rankings = (count: number, expiresAt?: number, signature?: string) => ({
  ranking_list: Array.from({ length: count }, (_, index) => ({
    user: member(index + 1, expiresAt, signature),
    rankings: index + 1,
    checkined_days: 200 - index,
  })),
  user_specific: { user: member(1), rankings: 6, checkined_days: 20 },
})

/** Topics, the newest first. */
export const topics = (count: number) => ({
  topics: Array.from({ length: count }, (_, index) => ({
    topic_uid: String(82_811_825_141_841_812n - BigInt(index)),
    create_time: '2026-11-20T08:30:00.000+0800',
    talk: { owner: member(index + 1), text: `Text ${index + 1}` },
  })),
})

const DATA: Readonly<Record<CheckInCall['kind'], (call: CheckInCall, ids: readonly string[]) => unknown>> = {
  list: ({ query }, ids) => ({ checkins: query.get('scope') === 'ongoing' ? ids.map(project) : [] }),
  detail: ({ id }) => ({ checkin: project(id) }),
  statistics: () => ({ statistics: { joined_count: 34, completed_count: 0, checkined_count: 33 } }),
  daily: () => ({ checkined_count: 3 }),
  ranking_list: () => rankings(100),
  topics: () => topics(20),
}

function callOf({ url }: HttpRequest): CheckInCall {
  const [, id = '', kind, daily] = /\/checkins(?:\/(\d+)(?:\/(\w+)(\/daily)?)?)?$/.exec(url.pathname) ?? []
  const name = daily === undefined ? (kind ?? (id === '' ? 'list' : 'detail')) : 'daily'
  return { kind: name as CheckInCall['kind'], id, query: url.searchParams }
}

interface CheckInsOptions extends Pick<Partial<WorldOptions<unknown>>, 'store' | 'faults'> {
  readonly start?: number
  /** In addition to {@link CHECK_INS_ON}. */
  readonly settings?: SettingTexts
  /** The projects that the provider has. */
  readonly projects?: readonly string[]
}

/** Answers the calls that a test is about; `undefined` for all others. */
type Answers = (call: CheckInCall, number: number) => Reply | Promise<Reply> | undefined

/**
 * The five jobs over one table, one clock and one provider, which has all data of its projects and no other project. What
 * readers and operators request on the bus is run at once.
 */
export function checkInsWorld({
  start = AFTERNOON,
  settings,
  projects = ['11', '12'],
  ...more
}: CheckInsOptions = {}) {
  const texts = { ...CHECK_INS_ON, ...settings }
  const resolved = declaredCheckIns.map((job) => resolveJob(job, texts))
  const jobOf = (id: string): Job => {
    const job = resolved.find((each) => each.id === id)
    if (job) return job
    throw new TypeError(`expected a check-in job, got ${id}`)
  }
  const base = world({
    job: jobOf('check-in-projects'),
    upstream: resolveUpstream(checkIns, texts),
    refresh: refreshOf('check-in-projects'),
    start,
    secrets: { [CHECK_INS_ON.CHECKINS_TOKEN_PARAMETER]: TOKEN },
    ...more,
  })
  let ids = projects
  const answerWith = (answers: Answers = () => undefined) =>
    base.script((request, number) => {
      const call = callOf(request)
      const hasProject = call.kind === 'list' || ids.includes(call.id)
      return answers(call, number) ?? (hasProject ? success(DATA[call.kind](call, ids)) : failure(404))
    })
  answerWith()

  // ids of runs have whole milliseconds, and waits between polls have not
  const ports = {
    ...base.work.ports,
    clock: { ...base.work.ports.clock, now: () => Math.floor(base.clock.now()) },
  }
  const runJob = (id: string, request: RunRequest) =>
    run(request, { ...base.work, ports, job: jobOf(id), refresh: refreshOf(id) })
  const runAtOnce = {
    publish: async (event: BusEvent) => {
      base.events.push(event)
      if (event.type !== 'refresh.requested') return
      const { job, ...request } = event.detail
      const at = ports.clock.now()
      void runJob(job, { ...request, event: { id: `event-${at}-${base.events.length}`, at } })
    },
  }
  const [first, ...others] = resolved
  const reading = { ...base, work: { ...base.work, job: first ?? base.work.job } }
  const open = (ports: Partial<ReadPorts> = {}) =>
    reader(reading, { jobs: others, views: viewsByJob, bus: runAtOnce, ...ports })
  const publicReader = open()
  const operators = operator(reading, { bus: runAtOnce, views: viewsByJob }, others)

  return {
    ...base,
    jobOf,
    /** Replaces some answers of the provider, or with nothing restores all of them. */
    answerWith,
    /** Changes the projects that the provider has. */
    setProjects: (next: readonly string[]) => {
      ids = next
    },
    /** The calls so far, in order: `topics 12`, `ranking_list 12 continuous`. */
    callNames: () =>
      base.calls.map(callOf).map(({ kind, id, query }) => {
        const part = query.get('scope') ?? query.get('type') ?? query.get('date')?.slice(0, 10)
        return [kind, id, part].filter((word) => word !== undefined && word !== '').join(' ')
      }),
    runJob,
    tickJob: (id: CheckInJob, at: number = base.clock.now()) => {
      base.clock.advance(Math.max(0, at - base.clock.now()))
      return runJob(id, { cause: 'tick', tick: at })
    },
    /** Runs a job as the bus does after a run of another one. */
    followRun: (
      id: CheckInJob,
      input: { readonly id: string; readonly endedAt?: number; readonly key?: string },
    ) =>
      runJob(id, {
        cause: 'input-refreshed',
        input: input.id,
        ...(input.key === undefined ? {} : { key: input.key }),
        event: { id: input.id, at: input.endedAt ?? base.clock.now() },
      }),
    /** A process of readers of its own, with an empty memory. */
    newReader: (ports?: Partial<ReadPorts>) => {
      const { answer } = open(ports)
      return (target: string, headers?: Readonly<Record<string, string>>) => read(answer, target, headers)
    },
    get: (target: string, headers?: Readonly<Record<string, string>>) =>
      read(publicReader.answer, target, headers),
    /** Sends a GET request to the twin of a public path, as an operator. */
    live: (target: string) => operators.get(`/v1/live${target}`),
    operators,
  }
}

async function read(
  answer: ReturnType<typeof reader>['answer'],
  target: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const [path = '', search = ''] = target.split('?')
  const query = Object.fromEntries(new URLSearchParams(search))
  const response = await answer({ method: 'GET', path, headers, query })
  const hasBody = response.statusCode !== 304
  return {
    status: response.statusCode,
    headers: response.headers,
    body: hasBody ? jsonOf(response) : undefined,
  }
}

const REFRESHES: Readonly<Record<CheckInJob, unknown>> = {
  'check-in-projects': refreshProjects,
  'check-in-stats': refreshStats,
  'check-in-daily-stats': refreshDailyStats,
  'check-in-leaderboards': refreshLeaderboards,
  'check-in-topics': refreshTopics,
}

function refreshOf(id: string): Refresh<unknown> {
  const refresh = REFRESHES[id as CheckInJob]
  if (refresh !== undefined) return refresh as Refresh<unknown>
  throw new TypeError(`expected a check-in job, got ${id}`)
}
