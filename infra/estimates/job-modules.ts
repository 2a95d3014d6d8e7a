import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '#shared/declare/job.ts'
import { DeclarationError } from '#shared/declare/validation.ts'
import type { Call, MaxCalls, Refresh, UpstreamRequest } from '#shared/engine/model/refresh.ts'

/** What the checks need of a job beside its declaration. */
export interface JobModule {
  /** The maximum of a whole run's calls to each upstream, without retries. */
  readonly calls: ReadonlyMap<string, MaxCalls>
  /** Requests of its plan without stored data: a task divides them into chunks. */
  readonly requests: number
  /** The keys of that plan; none when they depend on stored data. */
  readonly keys: readonly string[]
  /** Whether further requests follow from the plan, and whether `maxCalls` then counts their calls. */
  readonly laterRequests: 'none' | 'counted' | 'uncounted'
  /** The names in `schemas`: paths, and `POST <path>` for bodies of requests. */
  readonly schemaPaths: readonly string[]
  /** The kinds of history rows that its refresh writes. */
  readonly historyKinds: readonly string[]
  /** The names of the views in `views.ts`; without the file, none. */
  readonly views: readonly string[]
  /** The names of those in `operator-views.ts`. */
  readonly operatorViews: readonly string[]
  /** Whether it has a `submit.ts`. */
  readonly hasSubmission: boolean
  /**
   * Whether a name occurs in the files that implement the job: in all of its folder but `job.ts` and `schema.ts`, and in
   * the general views if it uses them.
   */
  readonly mentions: (name: string) => boolean
}

export type JobModules = ReadonlyMap<string, JobModule>

const JOBS_FOLDER = join(import.meta.dirname, '../../functions/jobs')

/** The files that a job's folder must have, and what each exports. `handler.ts` is the entry of its bundle. */
const REQUIRED_EXPORTS = { 'refresh.ts': 'refresh', 'schema.ts': 'schemas', 'handler.ts': 'handler' } as const

/** Files that declare and do not implement. */
const DECLARING_FILES = ['job.ts', 'schema.ts']

/**
 * Loads the refresh, the schemas, the views and the submission of each job from its folder.
 *
 * @throws {DeclarationError} for a missing file and for one without its export, naming both
 */
export async function loadJobModules(jobs: readonly Job[], now: number): Promise<JobModules> {
  const folders = jobs.map(async (job): Promise<[string, JobModule]> => {
    checkFiles(job)
    const refresh = (await required(job.id, 'refresh.ts', 'refresh')) as Refresh<unknown, string>
    const schemas = await required(job.id, 'schema.ts', 'schemas')
    const views = await optional(job.id, 'views.ts', 'views')
    const operatorViews = await optional(job.id, 'operator-views.ts', 'operatorViews')
    const submission = await optional(job.id, 'submit.ts', 'submission')
    const plan = refresh.plan({
      job,
      now,
      cause: 'tick',
      params: {},
      inputs: new Map(),
      operatorData: new Map(),
      storedItems: new Map(),
      absentItems: new Map(),
      inputItems: new Map(),
      index: { storedItems: new Map(), inputItems: new Map() },
    })
    const requests = plan === 'stored' || 'nothingToDo' in plan ? [] : plan
    const calls = refresh.maxCalls
      ? new Map(Object.entries(refresh.maxCalls(job)))
      : plannedCalls(job, requests)
    return [
      job.id,
      {
        calls,
        requests: requests.length,
        keys: refresh.laterRequests ? [] : requests.map(({ key }) => key),
        laterRequests: laterRequestsOf(refresh),
        schemaPaths: Object.keys(schemas),
        historyKinds: refresh.historyKinds ?? [],
        views: Object.keys(views ?? {}),
        operatorViews: Object.keys(operatorViews ?? {}),
        hasSubmission: submission !== undefined,
        mentions: mentionsIn(job.id),
      },
    ]
  })
  return new Map(await Promise.all(folders))
}

function laterRequestsOf({
  laterRequests,
  maxCalls,
}: Pick<Refresh<unknown, string>, 'laterRequests' | 'maxCalls'>): JobModule['laterRequests'] {
  if (laterRequests === undefined) return 'none'
  return maxCalls === undefined ? 'uncounted' : 'counted'
}

/** @throws {DeclarationError} for the first file that is missing */
function checkFiles({ id, reads, submits }: Job): void {
  const files: Record<string, string> = {
    ...REQUIRED_EXPORTS,
    ...(hasView(reads, 'public') ? { 'views.ts': 'views' } : {}),
    ...(hasView(reads, 'operator') ? { 'operator-views.ts': 'operatorViews' } : {}),
    ...(submits.length > 0 ? { 'submit.ts': 'submission' } : {}),
  }
  for (const [file, name] of Object.entries(files)) {
    if (existsSync(join(JOBS_FOLDER, id, file))) continue
    throw new DeclarationError(
      `job "${id}": expected functions/jobs/${id}/${file}, which exports ${name}; got no file`,
    )
  }
}

function hasView(reads: Job['reads'], of: 'public' | 'operator'): boolean {
  return reads.some(({ access, view }) => access === of && view !== undefined)
}

async function optional(id: string, file: string, name: string): Promise<object | undefined> {
  return existsSync(join(JOBS_FOLDER, id, file)) ? required(id, file, name) : undefined
}

/** @throws {DeclarationError} for a file that does not export the object */
async function required(id: string, file: string, name: string): Promise<object> {
  const url = new URL(`../../functions/jobs/${id}/${file}`, import.meta.url)
  const { [name]: value } = (await import(url.href)) as Readonly<Record<string, unknown>>
  if (typeof value === 'object' && value !== null) return value
  throw new DeclarationError(
    `job "${id}": expected functions/jobs/${id}/${file} to export ${name}, got ${typeof value}`,
  )
}

/** The general views, which read parameters for the job whose `views.ts` imports them. */
const GENERAL_VIEWS = 'shared/read/record-views.ts'

/** The search in the sources of a job, which are read once it is used. */
function mentionsIn(id: string): JobModule['mentions'] {
  let text: string | undefined
  return (name) => {
    text ??= implementationOf(id)
    return new RegExp(`\\b${name}\\b`).test(text)
  }
}

function implementationOf(id: string): string {
  const own = readdirSync(join(JOBS_FOLDER, id))
    .filter((file) => file.endsWith('.ts') && !DECLARING_FILES.includes(file))
    .map((file) => readFileSync(join(JOBS_FOLDER, id, file), 'utf8'))
    .join('\n')
  if (!own.includes(`'#${GENERAL_VIEWS}'`)) return own
  return own + readFileSync(join(JOBS_FOLDER, '../..', GENERAL_VIEWS), 'utf8')
}

/** The calls of a plan, including its fallbacks. */
function plannedCalls(job: Job, requests: readonly UpstreamRequest[]): ReadonlyMap<string, MaxCalls> {
  const sources = requests.flatMap(({ upstream = job.upstream, calls, fallbacks = [] }) =>
    upstream === undefined ? [] : [{ upstream, calls }, ...fallbacks],
  )
  const byName = Map.groupBy(sources, ({ upstream }) => upstream)
  return new Map([...byName].map(([name, all]) => [name, countCalls(all.flatMap(({ calls }) => calls))]))
}

function countCalls(calls: readonly Call[]): MaxCalls {
  const once = calls.filter(({ optional: isOptional }) => isOptional === true).length
  return { retried: calls.length - once, once }
}
