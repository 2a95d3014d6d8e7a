import type { Job } from '#shared/declare/job.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import type { ItemBody, ParseContext, Refresh, UpstreamRequest } from '#shared/engine/model/refresh.ts'
import { expectNoFault } from '#shared/engine/validate/verdicts.ts'
import { recordIdentity } from '#shared/systems/check-ins/images.ts'
import { checkInSettings, keysOf } from '#shared/systems/check-ins/job-settings.ts'
import { projectOfKey } from '#shared/systems/check-ins/keys.ts'
import { groupCalls, listedIds } from '#shared/systems/check-ins/project-plan.ts'
import {
  type ProjectListRecord,
  projectDetailRecord,
  projectRecord,
} from '#shared/systems/check-ins/records.ts'
import { droppedRows, shortList } from '#shared/systems/check-ins/short-list.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import {
  type CheckInProject,
  parseProjectDetail,
  parseProjectList,
} from '#shared/upstreams/check-ins/projects.ts'
import { CHECK_IN_SCOPES, type CheckInScope } from '#shared/upstreams/check-ins/vocabulary.ts'

/** The projects of one scope, or the detail of one project. */
type Projects =
  | ({ readonly kind: 'list'; readonly scope: CheckInScope } & ReturnType<typeof parseProjectList>)
  | { readonly kind: 'detail'; readonly project: CheckInProject }

/** The lists first; the details of the ongoing projects follow from the list that the same run has stored. */
export const refresh: Refresh<Projects> = {
  renderVersion: 1,

  indexKeys: ({ job }) => [keysOf(job).list('ongoing')],

  plan: ({ job, key }) => {
    if (key !== undefined) return requestOf(key, job)
    return CHECK_IN_SCOPES.flatMap((scope) => requestOf(keysOf(job).list(scope), job))
  },

  laterRequests: ({ job, index }) =>
    listedIds(index.storedItems.get(keysOf(job).list('ongoing'))?.data, job).flatMap((id) =>
      requestOf(keysOf(job).info(id), job),
    ),

  parse: ([body], { key, job, now }) => {
    const scope = scopeOf(key, job)
    if (scope !== undefined) return { kind: 'list', scope, ...parseProjectList(body, { now }) }
    return { kind: 'detail', project: parseProjectDetail(body, { projectId: projectIdOf(key, job), now }) }
  },

  accept: (value, context) =>
    expectNoFault(
      value.kind === 'list'
        ? shortList(
            'projects',
            { rows: value.projects.length, storedRows: storedIds(context).length },
            context,
          )
        : undefined,
    ),

  totals: (value, context) =>
    value.kind === 'list'
      ? droppedRows(
          storedIds(context),
          value.projects.map(({ projectId }) => projectId),
        )
      : {},

  review: (value, { key }) => ({
    lost:
      value.kind === 'list'
        ? value.lost.map(({ name, message }) => ({ name: `${key} ${name ?? 'a project'}`, message }))
        : [],
    distrusted: [],
  }),

  item: (value, { now }) => {
    if (value.kind === 'detail')
      return bodyOf(projectDetailRecord(value.project, now), now, isIncomplete(value.project))
    const { projects, scope, lost } = value
    const record = { projects: projects.map((project) => projectRecord(project, { scope, now })) }
    return {
      ...bodyOf(record, now, lost.length > 0 || projects.some(isIncomplete)),
      isEmpty: projects.length === 0,
    }
  },

  summarizeRun: runSummary('checkins_projects', 'keys'),

  maxCalls: (job) => {
    const calls = CHECK_IN_SCOPES.length + checkInSettings(job).CHECKINS_MAX_PROJECTS
    const runsPerDay = DAY_MS / Number(job.settings['CHECKINS_INTERVAL_PROJECTS'])
    return { 'check-ins': { retried: calls, once: 0, perDay: Math.ceil(calls * runsPerDay) } }
  },
}

/** The request for a key; none for a key of another prefix or of another kind. */
function requestOf(key: string, job: Job): readonly UpstreamRequest[] {
  const scope = scopeOf(key, job)
  if (scope !== undefined) return [{ key, calls: [groupCalls(job).list(scope)] }]
  const project = projectOfKey(key, checkInSettings(job).CHECKINS_KEY_PREFIX)
  return project?.kind === 'info' ? [{ key, calls: [groupCalls(job).detail(project.id)] }] : []
}

function scopeOf(key: string, job: Job): CheckInScope | undefined {
  return CHECK_IN_SCOPES.find((scope) => keysOf(job).list(scope) === key)
}

function projectIdOf(key: string, job: Job): string {
  const project = projectOfKey(key, checkInSettings(job).CHECKINS_KEY_PREFIX)
  if (project) return project.id
  throw new RefreshError('defect', `expected the key of a project, got ${key}`)
}

function bodyOf(record: object, now: number, degraded: boolean): ItemBody {
  return { data: asJson(record), identity: recordIdentity(record), asOf: now, degraded }
}

/** Whether a member is missing that projects have in all forms of answers that are known whole. */
function isIncomplete({ title, members, startAt }: CheckInProject): boolean {
  return title === null || members === null || startAt === null
}

function storedIds({ previous }: Pick<ParseContext, 'previous'>): readonly string[] {
  const { projects = [] } = (previous?.data ?? {}) as Partial<ProjectListRecord>
  return projects.map(({ project_id }) => project_id)
}
